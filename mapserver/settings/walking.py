"""How fast people walk, and what makes a walk hard: the assumptions behind minutes and levels.

Pages state them beside the figures. They are assumptions, to be checked on the ground; whoever has
measured better changes them here, and every card, page and poster follows.
"""

from __future__ import annotations

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
