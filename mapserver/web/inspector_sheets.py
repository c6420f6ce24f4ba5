"""The sheets of those who inspect: a page of paper for each trail, with its code."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import segno
from flask import Flask
from markupsafe import Markup

from mapserver.errors import N_, SettingsError
from mapserver.files.drafts import draft_file
from mapserver.model import Role
from mapserver.settings import Settings
from mapserver.web.inspector_keys import InspectorKeys
from mapserver.web.rendering import edition


def write_inspector_sheets(app: Flask, settings: Settings, out: Path, lang: str) -> int:
    """Write the sheets of all trails into one page that nobody else on the machine may read.

    Returns
    -------
    int
        How many there are.

    Raises
    ------
    SettingsError
        There is no secret, or no address that the codes could lead to.
    """
    for key, value in (("secret_key", settings.secret_key), ("base_url", settings.base_url)):
        if not value:
            raise SettingsError(
                N_("it is not set, and no code can be made without it"),
                where=f"MAPSERVER_{key.upper()}",
                mend=N_("Set it as it is set for the server"),
            )
    keys = InspectorKeys(settings.secret_key)
    with app.test_request_context(f"/?lang={lang}"):
        pages = edition()
        sheets = []
        for place in pages.site.places(Role.TRAILS).values():
            code = keys.make_code(place.id)
            # Behind the #: no browser sends it, so it stands in no log on the way.
            address = f"{settings.base_url}/check/{quote(place.id)}?lang={pages.lang}#{code}"
            squares = segno.make(address, error="m").svg_inline(
                scale=1, border=2, svgclass=None, lineclass=None, omitsize=True
            )
            parts = [code[start : start + 4] for start in range(0, len(code), 4)]
            sheets.append((place, Markup(squares), " ".join(parts)))  # noqa: S704 -- our own squares
        text = pages.render("codes", "inspect_sheets.html", {"sheets": sheets})
    with draft_file(out) as draft:
        # Made for its owner alone before anything is in it.
        os.close(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        draft.write_text(text, "utf-8")
    return len(sheets)
