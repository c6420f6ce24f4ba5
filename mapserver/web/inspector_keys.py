"""What opens the page of those who inspect a trail: a code, and what a browser gets for it.

All of it follows from one secret, so nothing is stored: whoever changes the secret makes every code
and every pass of before worthless.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass

from mapserver.settings import Rate, limits
from mapserver.web.rates import Buckets

LOOKALIKES = str.maketrans("018", "OIB", " -\u2010\u2011\u2013\t")
"""Digits that the codes do not have, as who types one may read them, and what stands between."""
CODE_LETTERS = 16
"""Letters of a code: 80 bits, which nobody guesses."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What a browser shows instead of the code, once it has given that.

    Attributes
    ----------
    text
        As the cookie has it.
    is_fresh
        Whether it still opens the page; one that is older only shows that this browser has had the
        right code before.
    """

    text: str
    is_fresh: bool


class InspectorKeys:
    """Codes and passes for the trails of one site.

    Parameters
    ----------
    secret
        What the office has set.
    clock
        Gives the time in seconds since 1970, which all workers share.
    """

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret.encode()
        self._clock = clock

    def make_code(self, trail: str) -> str:
        """Make the code of a trail, as its sheet shows it."""
        return base64.b32encode(self._sign("code", trail)).decode()[:CODE_LETTERS]

    def is_code(self, trail: str, text: str) -> bool:
        """Return whether a text is the code of a trail, however it is typed."""
        # People type with blanks, hyphens and small letters; nothing longer is looked at.
        plain = text[: 4 * CODE_LETTERS].translate(LOOKALIKES).upper()
        return _is_same(plain, self.make_code(trail))

    def make_pass(self, trail: str) -> str:
        """Make a pass for a browser that has shown the code."""
        made_at = str(int(self._clock()))
        return f"{made_at}.{self._sign('pass', trail, made_at).hex()}"

    def read_pass(self, trail: str, text: str) -> Pass | None:
        """Read the pass of a browser; None where it is none of ours, or too old for anything."""
        made_at, _, signature = text.partition(".")
        if not _is_same(signature, self._sign("pass", trail, made_at).hex()):
            return None
        # The signature is right, so the time is a number that we have written.
        age_s = self._clock() - int(made_at)
        if not 0 <= age_s <= limits.KNOWN_BROWSER_S:
            return None
        return Pass(text, age_s <= limits.PASS_S)

    def make_form_mark(self, own_pass: Pass) -> str:
        """Make what a form of ours has in it, and a form of another site cannot know."""
        return self._sign("form", own_pass.text).hex()

    def is_form_mark(self, own_pass: Pass, text: str) -> bool:
        """Return whether a form is one that was given to the browser with this pass."""
        return _is_same(text, self.make_form_mark(own_pass))

    def _sign(self, *parts: str) -> bytes:
        # The purpose is a part: what is made for one is of no use for another.
        message = "\0".join(("maenballo check", *parts)).encode("utf-8", "replace")
        return hmac.digest(self._secret, message, hashlib.sha256)


class Tries:
    """Slows down who tries codes: for each address, for each known browser, and in total.

    Notes
    -----
    Browsers that have had the right code before have a bucket of their own, and a right code is
    heard however many wrong ones come from elsewhere, so nobody can lock out those who inspect.
    The tables have a fixed size, and all workers share them.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        each = Rate(1 / limits.CODE_TRY_S, limits.MAX_CODE_TRIES)
        self._each = Buckets(each, clock)
        self._total = Buckets(Rate(limits.WRONG_CODES_PER_S, limits.MAX_WRONG_CODES), clock)

    def renew_locks(self) -> None:
        """Make the locks free in a forked process."""
        self._each.renew_lock()
        self._total.renew_lock()

    def compute_wait(self, who: bytes) -> float:
        """Take a try of somebody; return how many seconds it comes too early, 0 if it does not."""
        return self._each.take(who)

    def compute_wait_of_all(self) -> float:
        """Count a wrong code; return how many seconds all who send such shall wait."""
        return self._total.take(b"all")


def _is_same(text: str, right: str) -> bool:
    # In a time that says nothing of how much of it is right; as bytes, since it may be any text.
    return hmac.compare_digest(text.encode("utf-8", "replace"), right.encode())
