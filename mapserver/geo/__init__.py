"""Places on the earth: lengths, areas, planes and boxes, and work shared over processors."""
