"""The elements of a Leaflet map, as Folium writes them: text stays text, scripts are at hand."""

from __future__ import annotations

import html
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import folium
from branca.element import MacroElement
from folium.plugins import LocateControl
from folium.template import Template

from mapserver.drawing import assets, map_additions, notebook_view
from mapserver.model import find_role


@dataclass(frozen=True)
class Drawing:
    """How a layer is drawn; the names are those that ``map.js`` reads.

    Attributes
    ----------
    hasOwnColor
        Whether the catalogue has chosen the colour; without, the style sheet has one for light
        and one for dark maps.
    weight
        Width of the lines in pixels, but for trails, whose width follows the zoom.
    fillOpacity
        From 0 to 1; None for no inside, which then cannot be clicked either.
    namesFrom
        Zoom from which the map has the names; None for never.
    word
        What a feature is, as the card says it.
    icon, onIcon
        Colour of pins and of pictures of facilities, and of what is drawn in them; empty where
        each kind of facility has its own.
    hasPages, isFindable
        Whether each feature has a page, and is offered by name as a place to ask from.
    """

    id: str
    role: str
    color: str
    fill: str
    word: str = ""
    icon: str = ""
    onIcon: str = ""  # noqa: N815 -- as the script names it
    dash: str | None = None
    weight: float = 2.0
    fillOpacity: float | None = None  # noqa: N815 -- Leaflet's name
    pane: str = "overlayPane"
    namesFrom: float | None = None  # noqa: N815
    sample: str = ""
    interactive: bool = True
    hasOwnColor: bool = False  # noqa: N815
    hasPages: bool = False  # noqa: N815 -- as scripts write names
    isFindable: bool = False  # noqa: N815


class PublicMap(folium.Map):
    """A Folium map that needs no other host: Leaflet and our script travel with it.

    ``default_js`` and ``default_css`` take the place of Folium's lists of addresses. Whatever
    Folium draws can be added to it, in any order; see :mod:`mapserver.drawing.map_additions`.

    Attributes
    ----------
    view
        How a notebook shows it; None as Folium shows any map.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(tiles=None, **options)
        self.default_js = [(file.name, file.data_url) for file in assets.list_planner_scripts()]
        self.default_css = [(file.name, file.data_url) for file in assets.list_planner_styles()]
        self.view: notebook_view.View | None = None
        map_additions.guard_legends(PublicMap)

    def render(self, **kwargs: Any) -> str:
        """Render the map and what was added to it, so that the last word is ours."""
        with map_additions.arrange(self, OURS, Furnish):
            super().render(**kwargs)  # type: ignore[no-untyped-call]  # Folium has no types
        return ""  # as every element of Folium's that writes into the figure

    def _repr_html_(self, **kwargs: Any) -> str:
        """Show the map in a notebook, with a picture for those who have not trusted it."""
        figure: Any = self.get_root()
        if self.view is None:
            return str(figure._repr_html_(**kwargs))
        return notebook_view.write_output(figure.render(**kwargs), self.view)


SHORT_OUTLINE_LETTERS = 120
"""An outline of no more letters, such as a point, is written as often as it occurs."""


class FeatureLayer(folium.map.Layer):
    """A layer whose texts cannot become templates, script or markup.

    branca compiles what it has rendered as a Jinja template once more, so the data must hold
    nothing that Jinja reads; ``safe_json`` sees to it. The browser writes texts as
    ``textContent``.

    Parameters
    ----------
    features
        GeoJSON FeatureCollection.
    drawing
        How it is drawn.
    title
        Its name in the layer control, or None to leave it out there.
    show
        Whether it is shown at first.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = maenballo.layer({{ this.data }}, {{ this.options }});
        {% endmacro %}
        """
    )

    def __init__(
        self, features: dict[str, Any], drawing: Drawing, *, title: str | None, show: bool
    ) -> None:
        name = None if title is None else draw_swatch(drawing) + inert(title)
        super().__init__(name=name, overlay=True, control=title is not None, show=show)
        self._name = "FeatureLayer"
        self.features = features
        self.id = drawing.id
        self.options = safe_json(asdict(drawing))

    @property
    def data(self) -> str:
        """The features as JSON, without the outlines that an earlier layer of the map has, too.

        Neighbourhoods that are a zone of their own would be written twice. Which layers stand
        before this one is known only when the map is written.
        """
        earlier: dict[str, tuple[str, str]] = {}
        for layer in self._parent._children.values() if self._parent else ():
            if layer is self:
                break
            if isinstance(layer, FeatureLayer):
                earlier = {text: (layer.id, id_) for text, id_ in layer.outlines.items()} | earlier
        if not earlier:
            return safe_json(self.features)
        owners = {id_: earlier.get(text) for text, id_ in self.outlines.items()}
        features = [
            feature | {"geometry": None, "outlineOf": owner}
            if (owner := owners.get(feature["id"]))
            else feature
            for feature in self.features["features"]
        ]
        return safe_json(self.features | {"features": features})

    @cached_property
    def outlines(self) -> dict[str, str]:
        """Ids of features by their outlines as text, but for those that a reference would equal."""
        texts = {
            json.dumps(feature["geometry"]): feature["id"] for feature in self.features["features"]
        }
        return {text: id_ for text, id_ in texts.items() if len(text) > SHORT_OUTLINE_LETTERS}


class Locate(LocateControl):
    """The control that shows where one is; its script comes with the map."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 -- folium's own shape
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


class Furnish(MacroElement):
    """The last word on a map: texts in its language, legend, panes by zoom, missing tiles."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            maenballo.furnish({{ this._parent.get_name() }}, {{ this.options }}, {{ this.fits }});
        {% endmacro %}
        """
    )

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self._name = "Furnish"
        self.options = safe_json(options)

    @property
    def fits(self) -> str:
        """Whether the whole city is shown at first, as JavaScript; not if a view was asked for."""
        siblings = self._parent._children.values() if self._parent else ()
        return "false" if any(isinstance(child, VIEWS) for child in siblings) else "true"


class Background(folium.TileLayer):
    """Tiles below the map."""


class OwnLayerControl(folium.LayerControl):
    """The list of layers that a map has of itself; it gives way to one that is added."""


OURS = (FeatureLayer, Locate, Furnish, OwnLayerControl, Background, folium.map.CustomPane)
VIEWS = (folium.map.FitBounds, folium.map.FitOverlays)


def safe_json(value: object) -> str:
    """Write JSON that is inert inside a script and inside a Jinja template.

    Notes
    -----
    In compact JSON the signs that open a Jinja tag stand side by side only within strings, where
    an escape means the same.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    for tag in ("{{", "{%", "{#"):
        text = text.replace(tag, "\\u007b" + tag[1])
    return text


def inert(text: str) -> str:
    """Write text so that markup shows it as typed and no template reads it."""
    return html.escape(text).replace("{", "&#123;")


def draw_swatch(drawing: Drawing) -> str:
    """Draw what a layer looks like, beside its name; the colours were checked by the catalogue."""
    shapes = {
        "line": f'<path d="M2 11C7 1 14 15 20 3" fill="none" stroke="{drawing.color}" '
        'stroke-width="4" stroke-linecap="round"/>',
        "square": f'<rect x="5" y="1" width="12" height="12" rx="3" fill="{drawing.color}"/>',
        "circle": f'<circle cx="11" cy="7" r="6" fill="{drawing.fill}"/>',
    }
    area = (
        f'<rect x="1.5" y="1.5" width="19" height="11" rx="2" fill="{drawing.fill}" '
        f'fill-opacity="{drawing.fillOpacity}" stroke="{drawing.color}" stroke-width="2"/>'
    )
    shape = shapes.get(find_role(drawing.role).row.swatch, area)
    return f'<svg class="swatch" viewBox="0 0 22 14" aria-hidden="true">{shape}</svg>'
