"""How fast people walk, and what makes a walk hard: the assumptions behind minutes and levels.

Pages state them beside the figures. They are assumptions, to be checked on the ground; whoever has
measured better changes them here, and every card, page and poster follows.
"""

from __future__ import annotations

WALKING_KM_PER_H = 4.0
"""The one walking speed: Korean trail signs assume it, and pages hand it to the browser."""
OLDER_KM_PER_H = 3.0
"""Of older people: 0.85 m/s, about 3 km/h, which all but the slowest 15 of a hundred reach at
crossings (koreascience.kr, JAKO202025551105671)."""
BAREFOOT_KM_PER_H = 2.6
"""Along a trail without shoes, which is slower than older people walk with them."""
CLIMB_M_PER_MIN = 10.0
"""So many metres of climb take one minute more."""
SHOWN_CLIMB_M = 6.0
"""A climb of less is the noise of a receiver: the trail is level, and no profile is drawn."""
MODERATE_CLIMB_M, MODERATE_SLOPE = 30.0, 0.09
"""A walk is moderate above either: metres of climb, or climb over length."""
HARD_CLIMB_M = 150.0
"""A walk is hard above this, in metres of climb."""
FINE_MIN, COARSE_STEP_MIN = 30, 5
"""Minutes are told one by one up to the first, and in steps of the second above it."""

SLOPE_WINDOW_M = 30.0
"""Slopes are those over so many metres: heights waver by a metre or so, and over less than this a
path would be as steep as the receiver's noise."""
HEIGHTS_APART_M = 100.0
"""Where heights are farther apart along the way than this, a straight line between them says
nothing of the ground: the slope is unknown."""
GENTLE_PERCENT, RAMP_PERCENT = 5.56, 8.33
"""Limits of the classes of slopes: 1/18, and 1/12 where the terrain forces it (access paths,
Enforcement Rule of the Act on Convenience of Persons with Disabilities, table 1). They sort what
was measured; whether somebody can walk there they do not say."""
WIDE_M = 1.2
"""The least width of an access path in the same table."""

ARRIVAL_REACH_M = 700.0
"""Stops, car parks and toilets are named up to here from an end of a trail, in a straight line:
some ten minutes at the walking speed above, as far as districts after the walk are looked for.
Beyond it the page says that there is none, and names the distance."""
