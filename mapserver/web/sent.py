"""What is sent to a client: names of the parts of an answer."""

from __future__ import annotations

Headers = list[tuple[str, str]]
"""Names and values."""
Answer = tuple[str, Headers, list[bytes]]
"""Status, headers and body, as WSGI has them."""
