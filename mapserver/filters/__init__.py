"""Filters in CQL2 1.0, text and JSON: read within limits, and asked of frames.

The package ``cql2`` parses the text form; what a filter means is computed here, over whole columns,
with answers of three values: yes, no, and unknown where something is missing.
"""

from mapserver.filters.functions import FUNCTIONS, Function
from mapserver.filters.operands import Kind
from mapserver.filters.reading import LANGUAGES, Filter, FilterLanguage, read_filter

CONFORMANCE_CLASSES = tuple(
    f"http://www.opengis.net/spec/cql2/1.0/conf/{name}"
    for name in (
        "basic-cql2",
        "cql2-text",
        "cql2-json",
        "advanced-comparison-operators",
        "case-insensitive-comparison",
        "accent-insensitive-comparison",
        "basic-spatial-functions",
        "basic-spatial-functions-plus",
        "spatial-functions",
        "temporal-functions",
        "array-functions",
        "property-property",
        "functions",
        "arithmetic",
    )
)
"""The classes of CQL2 1.0 that ``tests/test_filters_conformance.py`` proves."""

__all__ = [
    "CONFORMANCE_CLASSES",
    "FUNCTIONS",
    "LANGUAGES",
    "Filter",
    "FilterLanguage",
    "Function",
    "Kind",
    "read_filter",
]
