"""Sheets as offices keep them: workbooks and tables with titles, totals and merged headers."""

from mapserver.sheets.cells import parse_degrees, parse_number
from mapserver.sheets.coordinates import find_coordinate_columns
from mapserver.sheets.delimited import read_delimited
from mapserver.sheets.tabulate import Sheet, convert_columns, tabulate
from mapserver.sheets.workbook import SUFFIXES, Grid, read_sheet

__all__ = [
    "SUFFIXES",
    "Grid",
    "Sheet",
    "convert_columns",
    "find_coordinate_columns",
    "parse_degrees",
    "parse_number",
    "read_delimited",
    "read_sheet",
    "tabulate",
]
