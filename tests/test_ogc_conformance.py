"""Every conformance class that is declared, with the tests that prove it, by the standards' ids.

The ids of Features Parts 1 to 3, Common Part 3 and CQL2 are read from the standards' texts; those
of Tiles are written down here. Of Common Parts 1 and 2 and of JSON-FG no ids are at hand: their
classes are named whole.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from test_filters_conformance import STANDARDS, needs_standards, read_tests

from mapserver.web.api.conformance import CLASSES

HERE = Path(__file__).parent
CORE, OPENAPI, CRS = "test_ogc_core", "test_openapi", "test_ogc_crs"
FILTER, SCHEMAS, TILES = "test_ogc_filter", "test_ogc_schemas", "test_ogc_tiles"
ROOT = f"{CORE}.test_conf_core_root_op_and_success"
DECLARED = f"{CORE}.test_conf_core_conformance_op_and_success"
COLLECTIONS = f"{CORE}.test_conf_core_fc_md_op_and_items_links"
FEATURE = f"{CORE}.test_conf_core_f_op_success_and_links"
FEATURES = f"{CORE}.test_conf_core_fc_links_and_response"
DEFINITIONS = f"{CORE}.test_conf_core_definitions_of_bbox_limit_and_datetime"
HTML = f"{CORE}.test_conf_html_definition"
IMPLEMENTED = f"{OPENAPI}.test_conf_oas30_oas_impl"
PART_3 = f"{FILTER}.test_conf_get_conformance"
QUERYABLES = f"{FILTER}.test_conf_queryables_get_queryables_uris_and_get_queryables"
FILTERED = f"{FILTER}.test_conf_filter_filter_param_and_filter_lang_default"
OF_KINDS = "test_conf_returnables_and_receivables_queryables_sortables"
TILESET = f"{TILES}.test_a_collection_links_to_its_tileset"
ALL_TILES = f"{TILES}.test_all_tiles_together_show_all_trails"
TILE_DEFINITIONS = f"{TILES}.test_conf_core_tc_definitions_of_tile_matrix_row_and_column"

PROOFS = {
    "features-1/core/api-definition-op": f"{OPENAPI}.test_conf_oas30_oas_definition_1",
    "features-1/core/api-definition-success": f"{OPENAPI}.test_conf_oas30_oas_definition_2",
    "features-1/core/conformance-op": DECLARED,
    "features-1/core/conformance-success": DECLARED,
    "features-1/core/crs84": f"{CORE}.test_conf_core_crs84_and_conf_geojson_content",
    "features-1/core/f-links": FEATURE,
    "features-1/core/f-op": FEATURE,
    "features-1/core/f-success": FEATURE,
    "features-1/core/fc-bbox-definition": DEFINITIONS,
    "features-1/core/fc-bbox-response": f"{CORE}.test_conf_core_fc_bbox_response",
    "features-1/core/fc-limit-definition": DEFINITIONS,
    "features-1/core/fc-limit-response": f"{CORE}.test_conf_core_fc_limit_response",
    "features-1/core/fc-links": FEATURES,
    "features-1/core/fc-md-extent": f"{CORE}.test_conf_core_fc_md_extent",
    "features-1/core/fc-md-extent-multi": f"{CORE}.test_conf_core_fc_md_extent",
    "features-1/core/fc-md-items": COLLECTIONS,
    "features-1/core/fc-md-items-links": COLLECTIONS,
    "features-1/core/fc-md-links": f"{CORE}.test_conf_core_fc_md_links",
    "features-1/core/fc-md-op": COLLECTIONS,
    "features-1/core/fc-md-success": COLLECTIONS,
    "features-1/core/fc-numberMatched": f"{CORE}.test_conf_core_fc_number_matched_and_returned",
    "features-1/core/fc-numberReturned": f"{CORE}.test_conf_core_fc_number_matched_and_returned",
    "features-1/core/fc-op": FEATURES,
    "features-1/core/fc-response": FEATURES,
    "features-1/core/fc-time-definition": DEFINITIONS,
    "features-1/core/fc-time-response": f"{CORE}.test_conf_core_fc_time_response",
    "features-1/core/fc-timeStamp": FEATURES,
    "features-1/core/http": IMPLEMENTED,
    "features-1/core/query-param-invalid": f"{CORE}.test_conf_core_query_param_invalid",
    "features-1/core/query-param-unknown": f"{CORE}.test_conf_core_query_param_unknown",
    "features-1/core/root-op": ROOT,
    "features-1/core/root-success": ROOT,
    "features-1/core/sfc-md-op": f"{CORE}.test_conf_core_sfc_md_op_and_success",
    "features-1/core/sfc-md-success": f"{CORE}.test_conf_core_sfc_md_op_and_success",
    "features-1/geojson/content": f"{CORE}.test_conf_core_crs84_and_conf_geojson_content",
    "features-1/geojson/definition": f"{CORE}.test_conf_geojson_definition",
    "features-1/html/content": f"{CORE}.test_conf_html_content",
    "features-1/html/definition": HTML,
    "features-1/oas30/completeness": f"{OPENAPI}.test_conf_oas30_completeness",
    "features-1/oas30/exceptions-codes": f"{OPENAPI}.test_conf_oas30_exceptions_codes",
    "features-1/oas30/oas-definition-1": f"{OPENAPI}.test_conf_oas30_oas_definition_1",
    "features-1/oas30/oas-impl": IMPLEMENTED,
    "features-1/oas30/security": f"{OPENAPI}.test_conf_oas30_security",
    "features-2/crs/bbox-crs-parameter": f"{CRS}.test_conf_crs_bbox_crs_parameter_and_default",
    "features-2/crs/bbox-crs-parameter-default": (
        f"{CRS}.test_conf_crs_bbox_crs_parameter_and_default"
    ),
    "features-2/crs/bbox-crs-parameter-invalid": (
        f"{CRS}.test_conf_crs_crs_parameter_invalid_and_bbox_crs_parameter_invalid"
    ),
    "features-2/crs/crs-parameter": (
        f"{CRS}.test_conf_crs_crs_parameter_and_crs_parameter_transform"
    ),
    "features-2/crs/crs-parameter-default": f"{CRS}.test_conf_crs_crs_parameter_default",
    "features-2/crs/crs-parameter-invalid": (
        f"{CRS}.test_conf_crs_crs_parameter_invalid_and_bbox_crs_parameter_invalid"
    ),
    "features-2/crs/crs-parameter-transform": (
        f"{CRS}.test_conf_crs_crs_parameter_and_crs_parameter_transform"
    ),
    "features-2/crs/crs-uri": f"{CRS}.test_conf_crs_crs_uri_default_crs_and_storage_crs",
    "features-2/crs/default-crs": f"{CRS}.test_conf_crs_crs_uri_default_crs_and_storage_crs",
    "features-2/crs/storageCrs": f"{CRS}.test_conf_crs_crs_uri_default_crs_and_storage_crs",
    "features-3/queryables/get-conformance": PART_3,
    "features-3/queryables/get-queryables-uris": QUERYABLES,
    "features-3/queryables/get-queryables": QUERYABLES,
    "features-3/queryables-query-parameters/get-conformance": PART_3,
    "features-3/queryables-query-parameters/query-param": (
        f"{FILTER}.test_conf_queryables_query_parameters_query_param"
    ),
    "features-3/filter/get-conformance": PART_3,
    "features-3/filter/filter-param": FILTERED,
    "features-3/filter/filter-lang-default": FILTERED,
    "features-3/filter/expression-construction": (
        f"{FILTER}.test_conf_filter_expression_construction"
    ),
    "features-3/filter/filter-crs-wgs84": (
        f"{FILTER}.test_conf_filter_filter_crs_wgs84_and_filter_crs_param"
    ),
    "features-3/filter/filter-crs-param": (
        f"{FILTER}.test_conf_filter_filter_crs_param_in_each_system"
    ),
    "features-3/filter/get-functions": f"{FILTER}.test_conf_filter_get_functions",
    "features-3/features-filter/get-conformance": PART_3,
    "features-3/features-filter/get-collections": COLLECTIONS,
    "features-3/features-filter/get-collection": f"{SCHEMAS}.{OF_KINDS}_link",
    "features-3/features-filter/filter-on-items": FILTERED,
    "features-3/features-filter/mixing-expression": (
        f"{FILTER}.test_conf_features_filter_mixing_expression"
    ),
    "common-3/schemas/basic-schema-inspection": (
        f"{SCHEMAS}.test_conf_schemas_basic_schema_inspection"
    ),
    "common-3/schemas/role": f"{SCHEMAS}.test_conf_schemas_role_and_role_id",
    "common-3/schemas/role-id": f"{SCHEMAS}.test_conf_schemas_role_and_role_id",
    "common-3/schemas/property-seq": f"{SCHEMAS}.test_conf_schemas_property_seq",
    "common-3/schemas/unit": f"{SCHEMAS}.test_conf_schemas_unit",
    "common-3/schemas/definition": f"{SCHEMAS}.test_conf_schemas_definition_and_nullvalues",
    "common-3/schemas/nullvalues": f"{SCHEMAS}.test_conf_schemas_definition_and_nullvalues",
    **{
        f"common-3/{kind}/{test}": f"{SCHEMAS}.{OF_KINDS}_{test.replace('-', '_')}"
        for kind in ("returnables-and-receivables", "queryables", "sortables")
        for test in ("get-conformance", "link")
    },
    "common-3/returnables-and-receivables/op-and-response": (
        f"{SCHEMAS}.test_conf_returnables_and_receivables_op_and_response_and_response_1"
    ),
    "common-3/returnables-and-receivables/response-1": (
        f"{SCHEMAS}.test_conf_returnables_and_receivables_op_and_response_and_response_1"
    ),
    "common-3/queryables/op-and-response": f"{SCHEMAS}.test_conf_queryables_op_and_response",
    "common-3/sortables/op-and-response": f"{SCHEMAS}.test_conf_sortables_op_and_response",
    **{
        f"tiles-1/{name}/conformance-success": DECLARED
        for name in ("core", "tileset", "tilesets-list", "geodata-tilesets")
    },
    "tiles-1/core/tc-op": ALL_TILES,
    "tiles-1/core/tc-success": ALL_TILES,
    "tiles-1/core/tc-error": f"{TILES}.test_what_is_no_tile_is_not_found",
    "tiles-1/core/tc-tilematrix-definition": TILE_DEFINITIONS,
    "tiles-1/core/tc-tilerow-definition": TILE_DEFINITIONS,
    "tiles-1/core/tc-tilecol-definition": TILE_DEFINITIONS,
    "tiles-1/mvt/content": ALL_TILES,
    "tiles-1/tileset/tileset-description": f"{TILES}.test_conf_tileset_tileset_description",
    "tiles-1/tilesets-list/tileset-links": TILESET,
    "tiles-1/geodata-tilesets/desc-links": TILESET,
    "tiles-1/geodata-tilesets/operation": TILESET,
    "common-1/core": f"{CORE}.test_conf_core_query_param_unknown",
    "common-1/landing-page": ROOT,
    "common-1/json": FEATURES,
    "common-1/html": HTML,
    "common-1/oas30": f"{OPENAPI}.test_conf_oas30_oas_definition_2",
    "common-2/collections": COLLECTIONS,
    "json-fg-1/core": "test_jsonfg.test_other_systems_are_in_place_and_name_themselves",
}
"""The test that proves each abstract test, by standard, class and test."""
NOT_APPLICABLE = {
    "common-3/returnables-and-receivables/response-2": "nothing can be written over the API",
}
"""Abstract tests that do not apply, with the reason."""
WITHOUT_IDS = {"common-1", "common-2", "json-fg-1"}
"""Standards whose abstract tests are not at hand."""


def split_class(uri: str) -> tuple[str, str]:
    """Return the standard and the class that a URI names."""
    [(standard, name)] = re.findall(r"/spec/(?:ogcapi-)?([\w-]+)/1\.0/conf/([\w-]+)$", uri)
    return standard, name


@cache
def list_ids() -> set[str]:
    """List the abstract tests of the standards that are at hand."""
    ids = {f"cql2{name.removeprefix('/conf')}" for name in read_tests()}
    for standard, file in (("features-1", "part1_core"), ("features-2", "part2_crs")):
        text = (STANDARDS / "ats" / f"features_{file}.adoc").read_text("utf-8")
        names = re.findall(r"^\^\|\*Abstract Test.*?\*/conf/(\S+?)\*", text, re.MULTILINE)
        ids |= {f"{standard}/{name}" for name in names}
    for standard, file in (
        ("features-3", "features_part3_filtering"),
        ("common-3", "common_part3_schemas"),
    ):
        text = (STANDARDS / "ats" / f"{file}.adoc").read_text("utf-8")
        name = ""
        for kind, value in re.findall(r"^:conf-(class|test): (\S+)", text, re.MULTILINE):
            name = value if kind == "class" else name
            ids |= {f"{standard}/{name}/{value}"} if kind == "test" else set()
    return ids


@needs_standards
@pytest.mark.parametrize("uri", CLASSES)
def test_each_abstract_test_of_a_declared_class_has_a_test(uri):
    standard, name = split_class(uri)
    begin = f"{standard}/{name}"
    if standard in WITHOUT_IDS:
        assert begin in PROOFS
        return
    known = {id_ for id_ in {*list_ids(), *PROOFS} if id_.startswith(f"{begin}/")}
    assert known
    if standard == "cql2":  # its tests are made of the ids themselves
        return
    assert {id_ for id_ in known if id_ not in PROOFS and id_ not in NOT_APPLICABLE} == set()


@needs_standards
def test_no_proof_is_of_a_test_that_the_standards_do_not_have():
    texts = {"features-1", "features-2", "features-3", "common-3"}
    named = {id_ for id_ in {*PROOFS, *NOT_APPLICABLE} if id_.split("/")[0] in texts}
    assert named <= list_ids()


def test_every_proof_is_a_test_that_there_is():
    tests = {}
    for name in {proof.partition(".")[0] for proof in PROOFS.values()}:
        tree = ast.parse((HERE / f"{name}.py").read_text("utf-8"))
        tests[name] = {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}
    proofs = [proof.split(".") for proof in PROOFS.values()]
    missing = [test for module, test in proofs if test not in tests[module]]
    assert missing == []


@needs_standards
def test_exactly_the_classes_that_have_proofs_are_declared(sample_app):
    declared = sample_app.test_client().get("/api/conformance").json["conformsTo"]
    ids = {*PROOFS, *(id_ for id_ in list_ids() if id_.startswith("cql2/"))}
    proved = sorted({"/".join(id_.split("/")[:2]) for id_ in ids})
    assert sorted("/".join(split_class(uri)) for uri in declared) == proved
