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
from mapserver.web.api.parameters import Parameters
from mapserver.web.asked import choose_language
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
        values = {"layers": ",".join(self.layers), "focus": self.focus}
        return urlencode({name: value for name, value in values.items() if value}, safe=",/")

    def address(self, root: str, lang: str) -> str:
        """Return the address of the map below the root of a site."""
        return f"{root}/map?{'&'.join(filter(None, (self.query, f'lang={lang}')))}"


@blueprint.get("/map")
def bare_map() -> Response:
    """Show the bare map, to be embedded by other sites."""
    return send_page(render_bare(edition(), _read_choice(edition())))


@blueprint.get("/embed")
def show_embed() -> Response:
    """Let a visitor choose what a map shows, and write the snippet for another site."""
    pages = edition()
    choice = _read_choice(pages)
    root = _find_root(pages)
    snippet = _write_snippet(choice, root, pages, pages.site.title, WIDTH_PX, HEIGHT_PX)
    content = {"choice": choice, "snippet": snippet, "layers": _list_layers(pages)}
    content |= {"width_px": WIDTH_PX, "height_px": HEIGHT_PX}
    page = pages.page(
        f"embed?{root}&{choice.query}", "embed.html", lambda: content, is_made_up=True
    )
    return send_page(page)


@blueprint.get("/oembed")
def send_oembed() -> Response:
    """Describe to other sites how a page of ours is embedded (oembed.com)."""
    values = Parameters(list(request.args.items(multi=True)), OEMBED)
    address = values.text("url", "")
    if not address:
        raise QueryError(N_("missing"), parameter="url", mend=N_("Give the address of a page"))
    form = values.choice("format", ("json", "xml"), "json")
    width = min(WIDTH_PX, values.integer("maxwidth", WIDTH_PX, minimum=1))
    height = min(HEIGHT_PX, values.integer("maxheight", HEIGHT_PX, minimum=1))
    root = _find_root(edition(choose_language()))
    # Before anything of it is taken apart: an address of ours begins like one.
    if not f"{address}/".startswith(f"{root}/"):
        abort(404)
    target = urlsplit(address)
    lang = next(iter(parse_qs(target.query).get("lang", ())), None)
    pages = edition(choose_language(lang))
    path = target.path.removeprefix(urlsplit(root).path).strip("/")
    choice, title = _find_page(pages, path, target.query)
    document = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": pages.site.title,
        "provider_url": f"{root}/",
        "cache_age": 86400,
        "html": _write_snippet(choice, root, pages, title, width, height),
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


def render_bare(pages: Edition, choice: Choice = Choice()) -> Body:
    """Render the bare map."""
    layer, _, id_ = choice.focus.partition("/")
    content = {"choice": choice, "focus_layer": layer, "focus_id": id_}
    made_up = bool(choice.query)  # any of many layers, of many features
    return pages.page(f"map?{choice.query}", "map.html", lambda: content, is_made_up=made_up)


def _read_choice(pages: Edition, values: dict[str, list[str]] | None = None) -> Choice:
    """Read what is to be shown; a form gives ``layers`` several times, a snippet once."""
    values = request.args.to_dict(flat=False) if values is None else values
    layers = pages.city.layers
    wanted = {id_ for text in values.get("layers", []) for id_ in text.split(",") if id_}
    for id_ in sorted(wanted - set(layers)):
        raise QueryError(
            N_("there is no layer {name}"),
            parameter="layers",
            mend=N_("Choose from: {choices}"),
            name=repr(id_[:40]),
            choices=", ".join(layers),
        )
    focus = values.get("focus", [""])[0]
    layer, _, id_ = focus.partition("/")
    if focus and (layer not in layers or id_ not in layers[layer].index):
        raise QueryError(
            N_("there is no feature {name}"),
            parameter="focus",
            mend=N_("Write focus=LAYER/ID, for example focus=trails/ID"),
            name=repr(focus[:40]),
        )
    return Choice(tuple(id_ for id_ in layers if id_ in wanted), focus)


def _find_page(pages: Edition, path: str, query: str) -> tuple[Choice, str]:
    """Find what a page of ours shows, and its title."""
    if path in {"", "map"}:
        return _read_choice(pages, parse_qs(query)), pages.site.title
    folder, _, id_ = unquote(path).partition("/")
    role = ROLES.get(folder)
    has_page = role is not None and role.row.has_pages
    place = pages.site.places(role).get(id_) if role is not None and has_page else None
    if place is None:
        abort(404)
    return Choice(focus=f"{place.layer}/{place.id}"), place.name


def _list_layers(pages: Edition) -> list[dict[str, Any]]:
    return [
        {"id": id_, "title": pages.city.entry(id_).title.in_language(pages.lang)}
        for id_, frame in pages.city.layers.items()
        if len(frame) and not pages.city.entry(id_).role.row.is_backdrop
    ]


def _find_root(pages: Edition) -> str:
    return pages.base_url or request.url_root.rstrip("/")


def _write_snippet(  # noqa: PLR0913, PLR0917 -- what stands in it
    choice: Choice, root: str, pages: Edition, title: str, width: int, height: int
) -> str:
    """Write the element that shows the map in another page; every value is escaped."""
    return str(
        Markup(
            '<iframe src="{src}" title="{title}" width="{width}" height="{height}"'
            ' allow="geolocation" loading="lazy" style="border:0;max-width:100%"></iframe>'
        ).format(src=choice.address(root, pages.lang), title=title, width=width, height=height)
    )
