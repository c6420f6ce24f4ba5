"""Roles: what a layer means to the city. One row holds all that the program knows of a role."""

from __future__ import annotations

from mapserver.errors import N_
from mapserver.model.role_registry import (
    ROLES,
    Role,
    RoleRow,
    find_role,
    register_role,
    restored_roles,
)
from mapserver.model.titles import Title
from mapserver.settings import palette

__all__ = ["ROLES", "Role", "RoleRow", "find_role", "register_role", "restored_roles"]

# The quiet ground below all else, the lowest first.
register_role(
    "green",
    RoleRow(
        title=Title(N_("Green spaces")),
        dimension=2,
        is_backdrop=True,
        color=palette.STREETS_DAY["green"],
        fill_opacity=1.0,
        line_width_px=0.0,
    ),
)
register_role(
    "water",  # rivers are areas in one source and lines in another
    RoleRow(
        title=Title(N_("Water")),
        is_backdrop=True,
        color=palette.STREETS_DAY["water"],
        fill_opacity=1.0,
        line_width_px=1.5,
    ),
)
register_role(
    "buildings",
    RoleRow(
        title=Title(N_("Buildings")),
        dimension=2,
        id_columns=("건물관리번호", "bd_mgt_sn", "ufid"),
        is_backdrop=True,
        color=palette.STREETS_DAY["building"],
        fill_opacity=1.0,
        line_width_px=0.5,
        seen_from_scale=15_000,
    ),
)
register_role(
    "roads",
    RoleRow(
        title=Title(N_("Roads")),
        dimension=1,
        name_columns=("도로명", "rn", "road_name"),
        is_backdrop=True,
        color=palette.STREETS_DAY["road-edge"],
        line_width_px=1.5,
        fill_opacity=None,
        swatch="line",
    ),
)
Role.NEIGHBORHOODS = register_role(
    "neighborhoods",
    RoleRow(
        noun="neighborhood",
        title=Title(N_("Neighborhoods")),
        word=N_("Neighborhood"),
        dimension=2,
        id_columns=("neighborhood_id",),
        known_columns={"zone": ("생활권", "권역"), "role": ("거점",)},
        takes_area_codes=True,
        names="required",
        has_translated_names=True,
        may_overlap=False,
        is_located=True,
        covers_city=True,
        has_pages=True,
        is_findable=True,
        color=palette.SLATE,
        line_width_px=1.2,
        fill_opacity=0.0,
        dash="1 5",
        names_from_zoom=0,
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
        title=Title(N_("Zones")),
        word=N_("Zone"),
        dimension=2,
        needs_file=False,  # it is dissolved from the neighborhoods
        id_columns=("zone_id", "권역코드", "생활권코드"),
        takes_area_codes=True,
        names="required",
        has_translated_names=True,
        may_overlap=False,
        is_located=True,
        covers_city=True,
        color=palette.OCHRE,
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
        title=Title(N_("Shopping districts")),
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
        has_translated_names=True,
        names_neighborhood=True,
        may_overlap=False,
        is_located=True,
        has_pages=True,
        is_listed=True,
        is_findable=True,
        color=palette.DISTRICT,
        line_width_px=1.4,
        fill_opacity=0.28,
        pane="districts",
        names_from_zoom=15.25,
        is_shown=True,
        label_scale=12_000,
    ),
)
Role.TRAILS = register_role(
    "trails",
    RoleRow(
        noun="trail",
        title=Title(N_("Barefoot trails")),
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
            "least_width_m": ("최소폭", "유효폭", "최소폭m"),
            "steps": ("계단", "계단유무", "계단여부"),
            "opened": ("개장연도", "조성연도"),
            "foot_wash": ("세족장", "세족시설"),
            "toilet": ("화장실",),
            "lighting": ("조명", "야간조명"),
            "notes": ("비고",),
        },
        names="required",
        has_translated_names=True,
        names_neighborhood=True,
        has_pages=True,
        is_listed=True,
        is_findable=True,
        color=palette.TRAIL,
        line_width_px=5.0,
        has_casing=True,
        fill_opacity=None,
        swatch="line",
        pane="trails",
        names_from_zoom=13.25,
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
        title=Title(N_("Facilities")),
        dimension=0,
        from_gpx=True,
        needs_file=False,
        id_columns=("facility_id", "시설번호", "시설코드"),
        known_columns={"kind": ("시설종류", "구분", "종류")},
        color=palette.WATER,
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
        title=Title(N_("Shops")),
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
        color=palette.BERRY,
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
        # A list of centres by telephone and address serves who asks, and is often all there is.
        may_lack_places=True,
        finds_places=True,
        title=Title(N_("Services")),
        word=N_("Service"),
        dimension=0,
        id_columns=("service_id", "시설번호", "시설코드", "기관코드", "학교id"),
        name_columns=("센터명", "센터", "기관명", "시설명", "행정복지센터명", "행정복지센터"),
        known_columns={
            "neighborhood": ("행정동", "행정동명", "동명", "관할동", "동"),
            "address": ("도로명주소", "주소", "소재지도로명주소", "소재지", "지번주소"),
            "phone": ("전화번호", "대표전화", "전화", "연락처", "관리기관전화번호"),
            "hours": ("운영시간", "이용시간", "업무시간"),
            "lunch": ("점심시간", "점심"),
        },
        names="expected",
        has_translated_names=True,
        names_neighborhood=True,
        is_findable=True,
        color=palette.VIOLET,
        swatch="circle",
        point_mm=2.8,
        label_scale=25_000,
    ),
)
Role.STOPS = register_role(
    "stops",
    RoleRow(
        noun="stop",
        covers_country=True,
        may_lack_places=True,
        title=Title(N_("Bus stops")),
        word=N_("Bus stop"),
        dimension=0,
        id_columns=("정류장번호", "station_num", "busstop_id", "정류소id", "stop_id"),
        name_columns=("정류장명", "busstop_name", "정류소명", "stop_name"),
        known_columns={
            # The number on the pole; text, since it may begin with 0.
            "pole_number": ("모바일단축번호", "ars_id", "정류소번호", "stop_code"),
            "direction": ("next_busstop", "다음정류장", "방향", "진행방향"),
            "name_en": ("name_e",),
        },
        names="expected",
        color=palette.SLATE,
        swatch="circle",
        point_mm=1.6,
        label_pt=7.0,
        label_scale=5_000,
        seen_from_scale=25_000,
    ),
)
Role.PARKING = register_role(
    "parking",
    RoleRow(
        noun="car_park",
        covers_country=True,
        may_lack_places=True,
        title=Title(N_("Car parks")),
        word=N_("Car park"),
        dimension=0,
        id_columns=("주차장관리번호",),
        name_columns=("주차장명",),
        known_columns={
            "operator": ("주차장구분",),
            "kind": ("주차장유형",),
            "spaces": ("주차구획수",),
            "fee": ("요금정보",),
            "has_accessible": ("장애인전용주차구역보유여부",),
            "phone": ("전화번호",),
        },
        names="expected",
        color=palette.SLATE,
        swatch="square",
        label_pt=7.0,
        label_scale=5_000,
        seen_from_scale=25_000,
    ),
)
Role.TOILETS = register_role(
    "toilets",
    RoleRow(
        noun="toilet",
        covers_country=True,
        may_lack_places=True,
        finds_places=True,
        title=Title(N_("Public toilets")),
        word=N_("Public toilet"),
        dimension=0,
        id_columns=("화장실관리번호", "toilet_id"),
        name_columns=("화장실명",),
        known_columns={
            "hours": ("개방시간",),
            "hours_note": ("개방시간상세",),
            "phone": ("전화번호",),
            "address": ("소재지도로명주소", "소재지지번주소"),
        },
        names="expected",
        color=palette.WATER,
        swatch="square",
        label_pt=7.0,
        label_scale=5_000,
        seen_from_scale=25_000,
    ),
)
Role.LAYER = register_role("layer", RoleRow(takes_area_codes=True))
"""Anything else: it is shown and served, and has no special meaning."""
