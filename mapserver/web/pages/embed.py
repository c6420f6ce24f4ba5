"""The map in other people's pages: the bare map, a page that writes the snippet, and oEmbed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit
from xml.etree import ElementTree as ET  # only writes; nothing foreign is parsed

from flask import Blueprint, Response, abort, request
from markupsafe import Markup

from mapserver.errors import N_, QueryError
from mapserver.model import ROLES, encode
from mapserver.text import language
from mapserver.web.api.parameters import Parameters
from mapserver.web.rendering import Edition, edition, send_page
from mapserver.web.responses import Body, send

blueprint = Blueprint("embed", __name__)

WIDTH_PX, HEIGHT_PX = 640, 480
OEMBED = ("url", "format", "maxwidth", "maxheight")


@dataclass(frozen=True, slots=True)
class Choice:
    """What an embedded map shows.

    Attributes
    ----------
    layers
        Ids of the layers to be shown; empty for those that the city shows.
    focus
        ``LAYER/ID`` of the one feature that the map is about; empty for the whole city.
    """

    layers: tuple[str, ...] = ()
    focus: str = ""

    @property
    def query(self) -> str:
        """The choice as query parameters, always in the same order."""
        given = {"layers": ",".join(self.layers), "focus": self.focus}
        return urlencode({name: value for name, value in given.items() if value}, safe=",/")

    def address(self, root: str, lang: str) -> str:
        """Return the address of the map below the root of a site."""
        return f"{root}/map?{'&'.join(filter(None, (self.query, f'lang={lang}')))}"


@blueprint.get("/map")
def bare_map() -> Response:
    """Show the bare map, to be embedded by other sites."""
    return send_page(bare(edition(), _choice(edition())))


@blueprint.get("/embed")
def embed() -> Response:
    """Let a visitor choose what a map shows, and write the snippet for another site."""
    now = edition()
    choice = _choice(now)
    root = _root(now)
    snippet = _snippet(choice, root, now, now.site.title, WIDTH_PX, HEIGHT_PX)
    content = {"choice": choice, "snippet": snippet, "layers": _layers(now)}
    content |= {"width_px": WIDTH_PX, "height_px": HEIGHT_PX}
    page = now.page(f"embed?{root}&{choice.query}", "embed.html", lambda: content, is_made_up=True)
    return send_page(page)


@blueprint.get("/oembed")
def oembed() -> Response:
    """Describe to other sites how a page of ours is embedded (oembed.com)."""
    given = Parameters(request.args, OEMBED)
    address = given.text("url", "")
    if not address:
        raise QueryError(N_("missing"), parameter="url", mend=N_("Give the address of a page"))
    form = given.choice("format", ("json", "xml"), "json")
    width = min(WIDTH_PX, given.integer("maxwidth", WIDTH_PX, least=1))
    height = min(HEIGHT_PX, given.integer("maxheight", HEIGHT_PX, least=1))
    root = _root(edition(language.DEFAULT))
    # Before anything of it is taken apart: an address of ours begins like one.
    if not f"{address}/".startswith(f"{root}/"):
        abort(404)
    asked = urlsplit(address)
    lang = (parse_qs(asked.query).get("lang") or [language.DEFAULT])[0]
    now = edition(lang if lang in language.LANGUAGES else language.DEFAULT)
    choice, title = _page(now, asked.path.removeprefix(urlsplit(root).path).strip("/"), asked.query)
    document = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": now.site.title,
        "provider_url": f"{root}/",
        "cache_age": 86400,
        "html": _snippet(choice, root, now, title, width, height),
        "width": width,
        "height": height,
    }
    if form == "json":
        body = Body(encode(document), "application/json", kept=False)
    else:
        tree = ET.Element("oembed")
        for name, value in document.items():
            ET.SubElement(tree, name).text = str(value)
        written = ET.tostring(tree, "utf-8", xml_declaration=True)
        body = Body(written, "text/xml; charset=utf-8", kept=False)
    response = send(body, request)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def bare(now: Edition, choice: Choice = Choice()) -> Body:
    """Render the bare map."""
    layer, _, id_ = choice.focus.partition("/")
    content = {"choice": choice, "focus_layer": layer, "focus_id": id_}
    made_up = bool(choice.query)  # any of many layers, of many features
    return now.page(f"map?{choice.query}", "map.html", lambda: content, is_made_up=made_up)


def _choice(now: Edition, given: dict[str, list[str]] | None = None) -> Choice:
    """Read what is to be shown; a form gives ``layers`` several times, a snippet once."""
    asked = request.args.to_dict(flat=False) if given is None else given
    known = now.city.layers
    wanted = {id_ for text in asked.get("layers", []) for id_ in text.split(",") if id_}
    for id_ in sorted(wanted - set(known)):
        raise QueryError(
            N_("there is no layer {name}"),
            parameter="layers",
            mend=N_("Choose from: {choices}"),
            name=repr(id_[:40]),
            choices=", ".join(known),
        )
    focus = asked.get("focus", [""])[0]
    layer, _, id_ = focus.partition("/")
    if focus and (layer not in known or id_ not in known[layer].index):
        raise QueryError(
            N_("there is no feature {name}"),
            parameter="focus",
            mend=N_("Write focus=LAYER/ID, for example focus=trails/ID"),
            name=repr(focus[:40]),
        )
    return Choice(tuple(id_ for id_ in known if id_ in wanted), focus)


def _page(now: Edition, path: str, query: str) -> tuple[Choice, str]:
    """Find what a page of ours shows, and its title."""
    if path in {"", "map"}:
        return _choice(now, parse_qs(query)), now.site.title
    folder, _, id_ = unquote(path).partition("/")
    role = ROLES.get(folder)
    has_page = role is not None and role.row.has_pages
    place = now.site.places(role).get(id_) if role is not None and has_page else None
    if place is None:
        abort(404)
    return Choice(focus=f"{place.layer}/{place.id}"), place.name


def _layers(now: Edition) -> list[dict[str, Any]]:
    return [
        {"id": id_, "title": now.city.entry(id_).title.in_language(now.lang)}
        for id_, frame in now.city.layers.items()
        if len(frame)
    ]


def _root(now: Edition) -> str:
    return now.base_url or request.url_root.rstrip("/")


def _snippet(  # noqa: PLR0913, PLR0917 -- what stands in it
    choice: Choice, root: str, now: Edition, title: str, width: int, height: int
) -> str:
    """Write the element that shows the map in another page; every value is escaped."""
    return str(
        Markup(
            '<iframe src="{src}" title="{title}" width="{width}" height="{height}"'
            ' allow="geolocation" loading="lazy" style="border:0;max-width:100%"></iframe>'
        ).format(src=choice.address(root, now.lang), title=title, width=width, height=height)
    )
