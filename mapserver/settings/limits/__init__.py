"""Every limit that protects memory, time, a disk or a reader's attention, with its reason.

Modules read a limit as ``limits.MAX_FILE_BYTES`` when they need it, so it is changed in this one
place: :mod:`~mapserver.settings.limits.reading` has those of files that come in,
:mod:`~mapserver.settings.limits.serving` those of questions and of the server, and
:mod:`~mapserver.settings.limits.showing` those of what goes out to people, and
:mod:`~mapserver.settings.limits.databases` those of cities in a database. The unit ends the
name: bytes, seconds, or what is counted. Below each stands what it protects and why it is so
large; ``docs/limits.md`` is written from these lines by ``python scripts/write_limits.py``.

Numbers that judge data (how far a leap is a mistake) stand with their method, and so do sizes of
drawings. What operators choose for themselves is in :mod:`mapserver.settings`.
"""

from __future__ import annotations

from mapserver.settings.limits.databases import *  # noqa: F403
from mapserver.settings.limits.reading import *  # noqa: F403
from mapserver.settings.limits.serving import *  # noqa: F403
from mapserver.settings.limits.showing import *  # noqa: F403
