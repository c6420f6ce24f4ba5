-- Moves each place and box that is asked for by up to 0.001 degrees, some hundred metres, so that
-- hardly a question comes twice and no server answers all of them from its memory.

math.randomseed(18)

request = function()
  local shift = math.random() * 0.001
  local move = function(number) return string.format("%.7f", number + shift) end
  local path = wrk.path:gsub("%d+%.%d+", move)
  return wrk.format(nil, path)
end
