"""Headers of ordinary hygiene, and those by which pages of other sites may ask the API."""

from __future__ import annotations

from functools import lru_cache

API_HEADERS = (
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        "Accept-Ranges, Content-Crs, Content-Disposition, Content-Range, ETag, Link, Retry-After",
    ),
)
"""Headers of each answer of the API, and of a trail's files: any page may ask, and read these."""
PREFLIGHT_HEADERS = (
    ("Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS"),
    (
        "Access-Control-Allow-Headers",
        "Accept, Accept-Language, Content-Type, If-None-Match, If-Range, Range",
    ),
    ("Access-Control-Max-Age", "86400"),
)
"""What a browser is told before it sends a page's question (Fetch standard, CORS preflight)."""

PARTS_OF_PAGES = ("text/css", "text/javascript")
"""Media types of what never is a document of its own."""
PART_HEADERS = (("X-Content-Type-Options", "nosniff"),)
"""Headers of what is part of a page: it must be taken for nothing else."""


@lru_cache(maxsize=64)
def list_security_headers(tile_origin: str, *, is_embedded: bool) -> tuple[tuple[str, str], ...]:
    """List the headers that every answer has, but for the parts of a page.

    Parameters
    ----------
    tile_origin
        Where the tiles of the map come from; empty for none.
    is_embedded
        A map is meant to be embedded by other sites; everything else is not.
    """
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' data: {tile_origin}".strip(),
        "connect-src": "'self'",
        "frame-src": "'self'",
        "font-src": "'self'",
        "manifest-src": "'self'",
        "worker-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "*" if is_embedded else "'self'",
    }
    return (
        ("Content-Security-Policy", "; ".join(f"{k} {v}" for k, v in policy.items())),
        ("X-Content-Type-Options", "nosniff"),
        # Tile servers want to know the site, and nobody needs to know the page.
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
        ("Permissions-Policy", "geolocation=(self), camera=(), microphone=()"),
    )
