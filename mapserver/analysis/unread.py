"""What of a city could not be read: there it is unknown, and neither gone nor changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mapserver.text.findings import Finding, Severity

CELL_CODE = "bad-value"
"""The code of findings about one cell; all other errors lose a row or a file."""
CATALOG = "layers/catalog.toml"
OFFERS = "layers/benefits.csv"
NUMBERED_CODE = "id-missing"
"""The code of findings about features whose ids are only the numbers of their rows."""


class Unread:
    """The files, rows and cells of one state of a city that could not be read.

    Parameters
    ----------
    findings
        What went wrong while it was opened.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._reasons: dict[str, str] = {}
        self._cells: set[tuple[str, str]] = set()
        self._numbered: set[str] = set()
        for finding in findings:
            if finding.code == NUMBERED_CODE:
                self._numbered.add(finding.file)
            if finding.severity is not Severity.ERROR:
                continue
            # The reader of offers leaves out a row of which it does not understand a cell.
            if finding.code == CELL_CODE and finding.file != OFFERS:
                self._cells.add((finding.file, str(finding.values.get("column", ""))))
            else:
                self._reasons.setdefault(finding.file, finding.message)

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why each file could not be read as a whole, in English, by the file."""
        return self._reasons

    def has_lost(self, file: str) -> bool:
        """Return whether something of a file could not be read; of a folder, any of its files.

        Parameters
        ----------
        file
            Relative to the city folder: ``layers/shops.csv``, ``gpx/a.gpx``, ``layers/closures``
            for any file of that stem.
        """
        # Closures may be kept in any of several formats, under one stem.
        return any(name == file or name.startswith(f"{file}.") for name in self._reasons)

    def has_lost_cells(self, file: str, column: str) -> bool:
        """Return whether cells of a column could not be read."""
        return (file, column) in self._cells or self.has_lost(file)

    def is_numbered(self, file: str) -> bool:
        """Return whether the features of a file are only numbered as they stand in it."""
        return file in self._numbered
