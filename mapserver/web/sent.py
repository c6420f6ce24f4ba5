"""What is sent to a client: names of the parts of an answer."""

from __future__ import annotations

from werkzeug.wsgi import ClosingIterator

OLD_PROTOCOLS = ("HTTP/1.0", "HTTP/1")
"""HTTP without parts and without a Host (RFC 1945), as WSGI calls it, and as granian does."""
Headers = list[tuple[str, str]]
"""Names and values."""
Answer = tuple[str, Headers, list[bytes]]
"""Status, headers and body, as WSGI has them."""
StreamedAnswer = tuple[str, Headers, ClosingIterator]
"""Status, headers and the parts of a body that are written as they are asked for."""
