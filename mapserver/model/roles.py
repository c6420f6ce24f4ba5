"""Roles: what a layer means to the city. One row holds all that the program knows of a role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from mapserver.errors import N_
from mapserver.model.titles import Title


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow:
    """What is known of a role; without a value it is as plain as the role ``layer``.

    Attributes
    ----------
    noun
        The word for one feature, which begins the names of joined columns (``trail_id``); the
        layer's id when empty.
    title
        Of a layer without one of its own; None where each file is its own title.
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
    has_english_names
        English pages show its names, so that the check misses English ones.
    names_neighborhood
        A column ``neighborhood`` says in which one a feature lies, and is checked.
    may_overlap
        Two of its polygons may share ground; where not, the check reports it.
    is_located
        ``locate`` says which of its features contain a point.
    covers_city
        Its polygons together are the area of the city.
    has_pages
        It has a list page, and each feature a page.
    is_listed
        The first page lists its features.
    color
        Of lines, outlines and points, as ``#rrggbb``, where the catalogue says nothing.
    line_width_px, has_casing, dash
        Width of the lines, whether they have a light edge, and dashes and gaps in pixels.
    fill_opacity
        From 0 to 1; None for no inside.
    swatch
        Its mark in the list of layers.
    pane, labels, pins
        Panes of the map for the features, their names and a mark at each; None for none.
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
    has_english_names: bool = False
    names_neighborhood: bool = False
    may_overlap: bool = True
    is_located: bool = False
    covers_city: bool = False
    has_pages: bool = False
    is_listed: bool = False
    color: str = "#444444"
    line_width_px: float = 2.0
    has_casing: bool = False
    dash: str | None = None
    fill_opacity: float | None = 0.3
    swatch: Literal["area", "line", "square", "circle"] = "area"
    pane: str | None = None
    labels: str | None = None
    pins: str | None = None
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
    LAYER: ClassVar[Role]

    def __new__(cls, id_: str, row: RoleRow) -> Role:
        """Make a role; it is known to the program once it is registered."""
        role = super().__new__(cls, id_)
        object.__setattr__(role, "row", row)
        return role

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


Role.NEIGHBORHOODS = register_role(
    "neighborhoods",
    RoleRow(
        noun="neighborhood",
        title=Title("행정동", "Neighborhoods"),
        word=N_("Neighborhood"),
        dimension=2,
        id_columns=("neighborhood_id",),
        known_columns={"zone": ("생활권", "권역"), "role": ("거점",)},
        takes_area_codes=True,
        names="required",
        has_english_names=True,
        may_overlap=False,
        is_located=True,
        covers_city=True,
        has_pages=True,
        color="#5b6770",
        line_width_px=1.2,
        fill_opacity=0.0,
        dash="1 5",
        labels="neighborhood-labels",
        is_shown=True,
        is_shown_when_coloured=True,
        label_pt=9.0,
        label_scale=150_000,
    ),
)
Role.ZONES = register_role(
    "zones",
    RoleRow(
        noun="zone",
        title=Title("권역", "Zones"),
        word=N_("Zone"),
        dimension=2,
        needs_file=False,  # it is dissolved from the neighborhoods
        id_columns=("zone_id", "권역코드", "생활권코드"),
        takes_area_codes=True,
        names="required",
        has_english_names=True,
        may_overlap=False,
        is_located=True,
        covers_city=True,
        color="#8a6d3b",
        line_width_px=3.0,
        fill_opacity=0.12,
        is_shown_when_coloured=True,
        label_pt=11.0,
        label_scale=400_000,
        has_bold_labels=True,
    ),
)
Role.DISTRICTS = register_role(
    "districts",
    RoleRow(
        noun="district",
        title=Title("골목형상점가", "Shopping districts"),
        word=N_("Shopping district"),
        dimension=2,
        id_columns=(
            *("district_id", "시장코드", "상점가코드", "상권코드", "상권번호", "trdar_cd"),
            *("구역코드", "구역번호", "지정번호"),
        ),
        known_columns={
            "association": ("상인회", "상인회명", "상인조직"),
            "designated": ("지정일", "지정일자", "지정고시일"),
            "neighborhood": ("행정동", "행정동명"),
        },
        takes_area_codes=True,
        names="required",
        has_english_names=True,
        names_neighborhood=True,
        may_overlap=False,
        is_located=True,
        has_pages=True,
        is_listed=True,
        color="#b4530a",
        line_width_px=1.4,
        fill_opacity=0.28,
        labels="district-labels",
        is_shown=True,
        label_scale=12_000,
    ),
)
Role.TRAILS = register_role(
    "trails",
    RoleRow(
        noun="trail",
        title=Title("맨발길", "Barefoot trails"),
        word=N_("Barefoot trail"),
        dimension=1,
        from_gpx=True,
        needs_file=False,
        id_columns=("trail_id", "노선번호", "코스번호", "mntn_id"),
        # Elsewhere such a column says whether there is a trail. The register's words.
        name_columns=(
            *("길이름", "길명칭", "맨발길이름", "맨발길", "산책로", "코스이름", "코스"),
            "trail_name",
        ),
        known_columns={
            "surface": ("노면", "포장재", "재질"),
            "width_m": ("폭", "폭원", "폭m"),
            "opened": ("개장연도", "조성연도"),
            "foot_wash": ("세족장", "세족시설"),
            "lighting": ("조명", "야간조명"),
            "notes": ("비고",),
        },
        names="required",
        has_english_names=True,
        names_neighborhood=True,
        has_pages=True,
        is_listed=True,
        color="#1b7f4d",
        line_width_px=5.0,
        has_casing=True,
        fill_opacity=None,
        swatch="line",
        pins="pins",
        is_shown=True,
        is_shown_when_coloured=True,
        label_pt=8.5,
        label_scale=40_000,
    ),
)
Role.FACILITIES = register_role(
    "facilities",
    RoleRow(
        noun="facility",
        title=Title("편의시설", "Facilities"),
        dimension=0,
        from_gpx=True,
        needs_file=False,
        id_columns=("facility_id", "시설번호", "시설코드"),
        known_columns={"kind": ("시설종류", "구분", "종류")},
        color="#0b6fa4",
        swatch="square",
        pane="facilities",
        is_shown=True,
        label_pt=7.5,
        label_scale=4_000,
        seen_from_scale=12_000,
    ),
)
Role.SHOPS = register_role(
    "shops",
    RoleRow(
        noun="shop",
        title=Title("상점", "Shops"),
        dimension=0,
        id_columns=("상가업소번호", "bizesid", "shop_id"),
        known_columns={
            "category": (
                "상권업종대분류명",
                "indslclsnm",
                "업종명",
                "업종",
                "취급품목",
                "취급상품",
            ),
            "onnuri_paper": ("지류취급여부", "지류"),
            "onnuri_card": ("카드취급여부", "카드", "충전식카드취급여부"),
            "onnuri_mobile": ("모바일취급여부", "모바일", "디지털취급여부"),
        },
        names="expected",
        color="#a0305f",
        point_mm=1.2,
        label_pt=7.0,
        label_scale=2_500,
        seen_from_scale=12_000,
    ),
)
Role.SERVICES = register_role(
    "services",
    RoleRow(
        noun="service",
        title=Title("생활 서비스", "Services"),
        word=N_("Service"),
        dimension=0,
        id_columns=("service_id", "시설번호", "시설코드", "기관코드", "학교id"),
        known_columns={"phone": ("전화번호", "대표전화", "관리기관전화번호")},
        names="expected",
        has_english_names=True,
        names_neighborhood=True,
        color="#5a3f9e",
        swatch="circle",
        point_mm=2.8,
        label_scale=25_000,
    ),
)
Role.LAYER = register_role("layer", RoleRow(takes_area_codes=True))
"""Anything else: it is shown and served, and has no special meaning."""
