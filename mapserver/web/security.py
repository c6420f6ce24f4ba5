"""Headers of ordinary hygiene: nothing on our pages is inline, so none may be."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=64)
def list_security_headers(tile_origin: str, *, is_embedded: bool) -> tuple[tuple[str, str], ...]:
    """List the headers that every answer has.

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
