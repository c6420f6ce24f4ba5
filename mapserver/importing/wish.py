"""What is asked for beside the files: what they are, and what they do not say themselves."""

from __future__ import annotations

from dataclasses import dataclass

from mapserver.model import Role


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for beside the files.

    Attributes
    ----------
    role
        What the data means to the city.
    layer_id, title, title_en, source
        Of the layer; those of the catalogue, or chosen from the role and the file, when empty.
    crs
        The CRS of all files, whatever they say themselves.
    encoding
        The text encoding of files that do not say it.
    layer
        Which layer, sheet, folder or shapefile of several.
    header_row
        The row that names the columns of a table, where it is not found by itself.
    id_column, name_column
        Columns with ids and names; those of the catalogue or with usual names when None.
    number_ids
        Rows that share an id in the column that is named, or have none there, are numbered;
        without it they stop everything.
    replace
        A layer or trail that is there gives way.
    anyway
        Go on although all of it lies outside of the city.
    skip_unreadable
        Files that cannot be used are passed by; without it one such file stops everything.
    languages, time_zone
        Of the city, for its catalogue: codes, the city's own first, and a name of the IANA
        database; what the catalogue says stays where they are empty.
    """

    role: Role
    layer_id: str = ""
    title: str = ""
    title_en: str = ""
    source: str = ""
    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None
    header_row: int | None = None
    id_column: str | None = None
    name_column: str | None = None
    number_ids: bool = False
    replace: bool = False
    anyway: bool = False
    skip_unreadable: bool = False
    languages: tuple[str, ...] = ()
    time_zone: str = ""
