"""Sheets as offices keep them: workbooks and tables with titles, totals and merged headers."""

from mapserver.readers.sheets.cells import parse_degrees, parse_number, parse_numbers
from mapserver.readers.sheets.coordinates import find_coordinate_columns
from mapserver.readers.sheets.delimited import read_delimited
from mapserver.readers.sheets.pairs import find_first_axis, find_pair_column, strip_label
from mapserver.readers.sheets.records import read_records
from mapserver.readers.sheets.splitdegrees import join_split_degrees
from mapserver.readers.sheets.tabulate import SheetTable, convert_columns, tabulate
from mapserver.readers.sheets.workbook import SUFFIXES, SheetGrid, read_sheet

__all__ = [
    "SUFFIXES",
    "SheetGrid",
    "SheetTable",
    "convert_columns",
    "find_coordinate_columns",
    "find_first_axis",
    "find_pair_column",
    "join_split_degrees",
    "parse_degrees",
    "parse_number",
    "parse_numbers",
    "read_delimited",
    "read_records",
    "read_sheet",
    "strip_label",
    "tabulate",
]
