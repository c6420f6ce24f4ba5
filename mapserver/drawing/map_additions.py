"""What is added to a map after it was made: its order, its libraries, and whose its faults are."""

from __future__ import annotations

import html
import importlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import branca.element
import folium
from branca.element import CssLink, Element, JavascriptLink
from folium.features import GeoJsonDetail
from folium.folium import _default_css, _default_js

from mapserver.drawing import assets

# folium's templates keep their state in the figure; two threads must not render at once.
RENDERING = threading.RLock()

COMPANIONS = {"jquery": "jquery.js", "companion": "companion.js"}
"""Scripts that travel with a map to which something was added, by the names of their links."""

LIBRARIES = {
    "markerclusterjs": "markercluster.js",
    "markerclustercss": "markercluster.css",
    "markerclusterdefaultcss": "markercluster.default.css",
    "leaflet-heat.js": "heat.js",
    "Control.Fullscreen.js": "fullscreen.js",
    "Control.FullScreen.css": "fullscreen.css",
    "d3": "d3.js",
}
"""Libraries that travel with a map when it needs them, by the name that Folium gives their link.
Others come from the hosts that Folium names."""

ICON_LINKS = {
    name: url
    for name, url in (*_default_js, *_default_css)
    if name.startswith(("awesome", "fontawesome", "glyphicons"))
}
"""What an icon of Folium needs, from Folium's own list of addresses. Without a network
``companion.js`` draws such a marker plainly."""

MARKUP = re.compile(
    r"\$\{((?:handleObject\(layer\.feature\.properties\[v\]\)|aliases\[i\])"
    r"(?:\.toLocaleString\(\))?)\}"
)
"""Where Folium writes a feature's texts, and the names of their columns, as markup."""

SHIELD = re.compile(r"\{% raw %\}(\{{2,})\{% endraw %\}")
"""What GeoPandas puts round braces, since it expects them to be read as a template once more."""


class Verbatim(Element):
    """Text that was rendered once; branca would compile it as a template a second time."""

    def __init__(self, template: str | None = None, template_name: str | None = None) -> None:
        super().__init__()
        self.text = SHIELD.sub(r"\1", template or "")
        if template_name is not None:
            self._name = template_name

    def render(self, **_: Any) -> str:
        """Return the text as it is."""
        return self.text


@contextmanager
def arrange(public_map: folium.Map, ours: tuple[type, ...], last_class: type) -> Iterator[None]:
    """Let a map be rendered inside, with all that was added to it, whenever it was added.

    The list of layers and our last word come after everything else. Each child that is not ours
    is guarded: a library that did not come, or a fault of its own, leaves the rest of the map as
    it is. Texts of features are shown as text, and no text is read as a template.

    Parameters
    ----------
    public_map
        The map.
    ours
        The classes of children that a map of ours is made of.
    last_class
        The class of the child that ends the script.
    """
    with RENDERING:
        children = public_map._children
        ends = _list_ends(children, ours, last_class)
        public_map._children = OrderedDict(
            (name, child)
            for name, child in children.items()
            if child in ends or not isinstance(child, (folium.LayerControl, last_class))
        )
        modules: tuple[Any, ...] = (branca.element, folium.map)
        for module in modules:
            module.Element = Verbatim
        try:
            yield
        finally:
            for module in modules:
                module.Element = Element
            public_map._children = children
        figure: Any = public_map.get_root()
        _sort_scripts(figure.script._children, list(children.values()), ends)
        added = [
            element for element in list_descendants(public_map) if not isinstance(element, ours)
        ]
        # What is drawn when a layer of ours is shown is ours, too.
        added = [element for element in added if not isinstance(element._parent, ours)]
        _guard_scripts(figure.script._children, added)
        if added or len(figure._children) > 1:
            _link_libraries(figure.header._children, public_map, added)


def guard_legends(ours: type) -> None:
    """Let GeoPandas write the legends of words on our maps as text.

    It puts the words of a column into a template as they are. Its function for that is replaced by
    one that writes markup and braces as references first; other maps are drawn as before.

    Parameters
    ----------
    ours
        The class of our maps.
    """
    geopandas_explore = importlib.import_module("geopandas.explore")
    write_legend: Callable[..., None] | None
    write_legend = getattr(geopandas_explore, "_categorical_legend", None)
    if write_legend is None or hasattr(write_legend, "guarded"):
        return

    def write_guarded(m: Any, title: Any, categories: Any, colors: Any) -> None:
        if isinstance(m, ours):
            title, categories = write_references(title), [write_references(c) for c in categories]
        write_legend(m, title, categories, colors)

    write_guarded.guarded = True  # type: ignore[attr-defined]  # our mark
    geopandas_explore._categorical_legend = write_guarded  # type: ignore[attr-defined]  # not public


def write_references(text: object) -> str:
    """Return a text for HTML in which nothing is markup, nor begins or ends a template."""
    return html.escape(str(text)).replace("{", "&#123;").replace("}", "&#125;")


def list_descendants(element: Element) -> Iterator[Element]:
    """List what hangs below an element, each before what hangs below it."""
    for child in list(element._children.values()):
        yield child
        yield from list_descendants(child)


def _list_ends(
    children: OrderedDict[str, Element], ours: tuple[type, ...], last_class: type
) -> list[Element]:
    """List what ends the script: the list of layers that was added, or ours; then our last word."""
    controls = [
        element for element in children.values() if isinstance(element, folium.LayerControl)
    ]
    added = [element for element in controls if not isinstance(element, ours)]
    return [
        *(added or controls),
        *(element for element in children.values() if isinstance(element, last_class)),
    ]


def _sort_scripts(
    scripts: OrderedDict[str, Element], children: Sequence[Element], ends: Sequence[Element]
) -> None:
    """Write the ends last, also where the map was shown before and has grown since."""
    for control in children:
        if isinstance(control, folium.LayerControl) and control not in ends:
            scripts.pop(control.get_name(), None)
    for end in ends:
        scripts.move_to_end(end.get_name())


def _guard_scripts(scripts: OrderedDict[str, Element], added: Sequence[Element]) -> None:
    """Prevent a fault of one child from stopping the script."""
    for child in added:
        name = child.get_name()
        if name not in scripts:
            continue
        text = scripts[name].render()
        if isinstance(child, GeoJsonDetail):
            text = MARKUP.sub(r"${maenballo.escaped(\1)}", text)
        guarded = f"try {{\n{text}\n}} catch (fault) {{ maenballo.missed(fault); }}\n"
        scripts[name] = Verbatim(guarded)


def _link_libraries(
    header: OrderedDict[str, Element], public_map: folium.Map, added: Sequence[Element]
) -> None:
    """Bring what Folium's children need: ours first, then from the map, then from other hosts."""
    for name, file in COMPANIONS.items():
        header[name] = JavascriptLink(assets.companion(file).data_url)
    if any(
        isinstance(element, folium.map.Icon) for child in added for element in _list_icons(child)
    ):
        for name, url in ICON_LINKS.items():
            link = CssLink if url.endswith(".css") else JavascriptLink
            header.setdefault(name, link(url))
    for name in header.keys() & LIBRARIES.keys():
        link = CssLink if LIBRARIES[name].endswith(".css") else JavascriptLink
        header[name] = link(assets.companion(LIBRARIES[name]).data_url)
    map_libraries = [name for name, _ in (*public_map.default_css, *public_map.default_js)]
    for name in reversed([*map_libraries, *COMPANIONS]):
        header.move_to_end(name, last=False)


def _list_icons(child: Element) -> list[Any]:
    """List the icons that an element brings: itself, or that of a layer's marker."""
    marker = getattr(child, "marker", None)
    return [child, getattr(marker, "icon", None)]
