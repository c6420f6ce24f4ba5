"""What a role is, and the registry of those that the program knows; ``roles`` has their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from mapserver.model.titles import Title
from mapserver.settings import palette


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow:
    """What is known of a role; without a value it is as plain as the role ``layer``.

    Attributes
    ----------
    noun
        The word for one feature, which begins the names of joined columns (``trail_id``); the
        layer's id when empty.
    title
        Of a layer without one of its own; None where each file is its own title. Languages that it
        lacks have the translation of its English, see ``Role.layer_title``.
    word
        What a feature is, as its card says it: English, with the Korean in the ``.po``.
    dimension
        Geometry that it takes: points (0), lines (1) or polygons (2); None for any.
    from_gpx
        It is read from ``gpx/`` where no file has it, and a GPX of the whole city holds it.
    needs_file
        It has to have a file in ``layers/``.
    id_columns, name_columns
        Columns that hold ids or names by custom, beside those of any layer.
    known_columns
        Columns that the map goes by, and what offices call them.
    takes_area_codes
        Codes of administrative areas are ids of its features; elsewhere they say where one lies.
    names
        Whether features have names: ``required`` (without one is a warning of the check),
        ``expected`` (a note) or ``optional``.
    has_translated_names
        Pages show its names, so that the check misses those in another language of the city.
    names_neighborhood
        A column ``neighborhood`` says in which one a feature lies, and is checked.
    may_overlap
        Two of its polygons may share ground; where not, the check reports it.
    is_located
        ``locate`` says which of its features contain a point.
    covers_city
        Its polygons together are the area of the city.
    has_pages
        It has a list page, and each feature a page: plain ones (``web/pages/features``) where no
        module makes its own.
    is_listed
        The first page lists its features, and figures show them over areas.
    is_findable
        The first page offers its features by name, as places to ask from.
    is_backdrop
        It is quiet ground below all else (``web/backdrop``): maps draw it as tiles, whatever its
        size, and neither list it nor begin where it begins.
    covers_country
        Its files cover the country: ``add`` leaves out what lies far from the city.
    may_lack_places
        Its rows may have no place: they are read, and counted where others are reported one by one.
    finds_places
        A file of it may have no coordinates at all: the city's own points of the same address or
        name say where its rows are.
    color
        Of lines, outlines and points, as ``#rrggbb``, where the catalogue says nothing.
    line_width_px, has_casing, dash
        Width of the lines, whether they have a light edge, and dashes and gaps in pixels.
    fill_opacity
        From 0 to 1; None for no inside.
    swatch
        Its mark in the list of layers.
    pane
        Pane of the map for the features; None for that of any layer.
    names_from_zoom
        Zoom from which the map has the names of its features; None for never.
    is_shown
        The map shows it at first.
    is_shown_when_coloured
        It is shown where neighbourhoods have the colours of a measure.
    point_mm
        Size of points in QGIS.
    label_pt, label_scale, has_bold_labels
        Size of the names in QGIS, the scale (one to so many) from which they are there, and
        whether they are bold.
    seen_from_scale
        The scale from which QGIS shows the layer, which would hide others; None for any.
    """

    noun: str = ""
    title: Title | None = None
    word: str = ""
    dimension: Literal[0, 1, 2] | None = None
    from_gpx: bool = False
    needs_file: bool = True
    id_columns: tuple[str, ...] = ()
    name_columns: tuple[str, ...] = ()
    known_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    takes_area_codes: bool = False
    names: Literal["required", "expected", "optional"] = "optional"
    has_translated_names: bool = False
    names_neighborhood: bool = False
    may_overlap: bool = True
    is_located: bool = False
    covers_city: bool = False
    has_pages: bool = False
    is_listed: bool = False
    is_findable: bool = False
    is_backdrop: bool = False
    covers_country: bool = False
    may_lack_places: bool = False
    finds_places: bool = False
    color: str = palette.GREY
    line_width_px: float = 2.0
    has_casing: bool = False
    dash: str | None = None
    fill_opacity: float | None = 0.3
    swatch: Literal["area", "line", "square", "circle"] = "area"
    pane: str | None = None
    names_from_zoom: float | None = None
    is_shown: bool = False
    is_shown_when_coloured: bool = False
    point_mm: float = 2.0
    label_pt: float = 8.0
    label_scale: int = 15_000
    has_bold_labels: bool = False
    seen_from_scale: int | None = None


class Role(str):
    """The id of a role as text, with what is known of the role.

    It compares, hashes and formats as its id. ``find_role`` reads one from a text.

    Parameters
    ----------
    id_
        As ``role`` of the catalogue and ``add --as`` have it: ``parks``.
    row
        What is known of it.

    Attributes
    ----------
    row
        What is known of it.
    """

    __slots__ = ("row",)

    row: RoleRow

    # Roles whose meaning some code is about. What is but a property of a role is read from its row.
    NEIGHBORHOODS: ClassVar[Role]
    ZONES: ClassVar[Role]
    DISTRICTS: ClassVar[Role]
    TRAILS: ClassVar[Role]
    FACILITIES: ClassVar[Role]
    SHOPS: ClassVar[Role]
    SERVICES: ClassVar[Role]
    STOPS: ClassVar[Role]
    PARKING: ClassVar[Role]
    TOILETS: ClassVar[Role]
    LAYER: ClassVar[Role]

    def __new__(cls, id_: str, row: RoleRow) -> Role:
        """Make a role; it is known to the program once it is registered."""
        role = super().__new__(cls, id_)
        object.__setattr__(role, "row", row)
        return role

    @property
    def layer_title(self) -> Title | None:
        """The title of its layer in every language of the program; None where it has none."""
        return None if self.row.title is None else self.row.title.translate()

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse a change: everybody shares the role."""
        raise AttributeError(f"a role cannot be changed: {name}")

    def __repr__(self) -> str:
        """Return the role as Python code would find it."""
        return f"find_role({str(self)!r})"

    def __reduce__(self) -> tuple[object, ...]:
        """Travel to another process as an id, and become the very role there."""
        return find_role, (str(self),)


ROLES: dict[str, Role] = {}
"""Every role by its id, in the order in which layers are drawn, lowest first."""


def find_role(id_: object) -> Role:
    """Return the role with an id.

    Raises
    ------
    ValueError
        There is no such role.
    """
    role = ROLES.get(id_) if isinstance(id_, str) else None
    if role is None:
        raise ValueError(f"there is no role {id_!r}")
    return role


def register_role(id_: str, row: RoleRow, *, above: str | None = None) -> Role:
    """Add a role to those that the program knows.

    Parameters
    ----------
    id_
        Its id, which no other role has.
    row
        What is known of it.
    above
        The role over which it is drawn; all but ``layer`` by default.

    Returns
    -------
    Role
        The new role.
    """
    if id_ in ROLES:
        raise ValueError(f"there is a role {id_!r} already")
    role, order = Role(id_, row), list(ROLES.values())
    if above is not None:
        place = order.index(find_role(above)) + 1
    else:
        place = order.index(Role.LAYER) if "layer" in ROLES else len(order)
    order.insert(place, role)
    _set_roles(order)
    return role


@contextmanager
def restored_roles() -> Iterator[None]:
    """Restore the roles at the end, whatever was registered meanwhile."""
    before = list(ROLES.values())
    try:
        yield
    finally:
        _set_roles(before)


def _set_roles(order: Iterable[Role]) -> None:
    # The very dictionary stays, which others hold.
    ROLES.clear()
    ROLES.update((str(role), role) for role in order)
