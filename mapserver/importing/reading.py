"""Files read one after the other, with what was concluded of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import geopandas as gpd
import pandas as pd

from mapserver.errors import N_, DataError, MapserverError, Phrase
from mapserver.files.damage import translate_read_errors
from mapserver.importing.choice import Shape, check_groups, describe_shape
from mapserver.importing.codes import choose_columns, speak_of_options
from mapserver.importing.columns import add_known_columns, restore_cut_names
from mapserver.importing.inputs import Input
from mapserver.importing.kinds import Selection, select_kind
from mapserver.importing.members import mark_members, read_members
from mapserver.importing.part import Part, is_row_left_out
from mapserver.importing.place import Box
from mapserver.importing.placing import place_rows
from mapserver.importing.trailfiles import (
    OTHER_POINTS,
    choose_trail_ids,
    has_own_ids,
    make_trail_id,
    split_file,
    write_lines,
)
from mapserver.importing.trailrows import join_rows
from mapserver.importing.wish import Wish
from mapserver.model import LayerEntry, Role, Snapshot, make_slug
from mapserver.readers.csv_text import read_table
from mapserver.readers.gpx import read_gpx
from mapserver.readers.gpx.own import add_original_texts
from mapserver.readers.register import REGISTER_NAME, read_register_table
from mapserver.readers.vector import finish_layer, read_source
from mapserver.readers.vector.projection import override_crs
from mapserver.readers.vector.wkt import find_wkt_column
from mapserver.text import language
from mapserver.text.findings import Finding, Severity


class Reader:
    """Reads one file after the other, and collects what they give.

    Parameters
    ----------
    wish
        What was asked for.
    city
        The city as it is; None when the folder is to become one.
    before
        The layer that gives way, as the catalogue describes it; None for a new one.
    box
        Bounds of the city, which encodings and CRS have to fit.
    """

    def __init__(
        self, wish: Wish, city: Snapshot | None, before: LayerEntry | None, box: Box | None
    ) -> None:
        self.wish = wish
        self.city = city
        self.before = before
        self.box = box
        self.parts: list[Part] = []
        self.stems: set[str] = set()
        self.trails: dict[str, bytes] = {}
        self.point_files: dict[str, bytes] = {}
        self.waypoints = 0
        self.register: tuple[str, pd.DataFrame] | None = None
        self.members: tuple[str, pd.DataFrame] | None = None
        self.findings: list[Finding] = []
        self.failures: list[MapserverError] = []
        self.refusals: list[Finding] = []
        self.shapes: list[tuple[Input, Shape, gpd.GeoDataFrame]] = []

    def read_file(self, input_: Input) -> None:
        """Read a file; one that cannot be used is in ``failures`` and ``refusals``."""
        try:
            with translate_read_errors(input_.name, input_.path):
                self._read_by_kind(input_)
        except MapserverError as error:
            self.failures.append(error)
            self.refusals.append(Finding.from_error(error, code="file-refused", file=input_.name))

    def _read_by_kind(self, input_: Input) -> None:
        if input_.path.suffix.lower() == ".gpx":
            self._read_gpx(input_)
            return
        # A list of members is no layer: it marks the shops of others.
        if self.wish.role is Role.SHOPS:
            members = read_members(input_.path, name=input_.name, label=self.wish.encoding)
            if members is not None:
                self.members = input_.name, members
                return
        if self.wish.role is Role.TRAILS and _is_register(input_):
            table, findings = read_register_table(input_.path)
            self.register = input_.name, table
            self.findings += findings
            return
        self._read_layer(input_)

    def _read_layer(self, input_: Input) -> None:
        wish = self.wish
        stem = self._choose_stem(input_)
        entry = LayerEntry(
            stem,
            wish.role,
            layer=input_.layer,
            crs=wish.crs,
            encoding=wish.encoding,
            header_row=wish.header_row,
            id_column=wish.id_column,
            name_column=wish.name_column,
        )
        # As it stands in the file first; columns, ids and CRS are chosen by what is there.
        source = read_source(input_.path, entry, name=input_.name, city_box=self.box)
        # Before columns are renamed: files of one layer look alike as they were written.
        shape = describe_shape(source)
        # Names of columns first: those of ids and names may be cut, too.
        if input_.path.suffix.lower() == ".shp":
            renamed, name_findings = restore_cut_names(source.frame, input_.name)
            findings = [*source.findings, *name_findings]
            source = replace(source, frame=renamed, findings=findings)
        if wish.crs is not None:
            source = override_crs(source, wish.crs, input_.name)
        source, entry = choose_columns(source, entry, self.before, wish, input_.name)
        frame_of_file, findings = finish_layer(source, entry, name=input_.name, city_box=self.box)
        attributes = dict(frame_of_file.attrs)
        if wish.role.row.finds_places:
            # Files without coordinates: the city itself knows some of the places.
            frame_of_file, about_places = place_rows(
                frame_of_file, self.city, input_.name, wish.role
            )
            counted = [f for f in findings if f.code != "rows-without-place"]
            findings = [*counted, *about_places] if about_places else findings
        selection = _select_rows(frame_of_file, wish.role, input_.name, findings)
        frame, filled = add_known_columns(selection.frame, wish.role)
        part = Part(
            input_.name,
            frame,
            attributes["file_crs"],
            attributes["file_crs_from"],
            attributes["file_encoding"],
            attributes["file_encoding_from"],
            selection.left_out + _count_lines_left_out(findings),
            filled,
        )
        if wish.role is Role.TRAILS:
            self._add_trails(write_lines(frame), input_)
        self.shapes.append((input_, shape, frame_of_file))
        # A trail without a geometry is left out, which is said of it already.
        if wish.role is Role.TRAILS:
            findings = [finding for finding in findings if finding.code != "no-geometry"]
        self.findings += [*map(speak_of_options, findings), *selection.findings]
        self.parts.append(part)
        self.stems.add(stem)

    def _choose_stem(self, input_: Input) -> str:
        """Choose what the numbered ids of a file begin with: ``districts``, or its name.

        No two files share it: rows of two files that we number alike would pass for one row that
        stands there twice.
        """
        role = self.wish.role
        is_first = role not in {Role.LAYER, Role.TRAILS} and not self.parts
        stem = str(role) if is_first else make_slug(input_.path.stem) or str(role)
        stems = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
        return next(each for each in stems if each not in self.stems)

    def _read_gpx(self, input_: Input) -> None:
        content = read_gpx(input_.path, name=input_.name)
        is_trail = self.wish.role is Role.TRAILS
        frame = content.trails if is_trail else content.waypoints
        self.waypoints += len(content.waypoints) if is_trail else 0
        if is_trail and frame.empty and len(content.waypoints) and input_.group is not None:
            # Facilities of no trail lie beside the trails in a folder of GPX files.
            self.point_files[make_trail_id(input_.path.stem, self.point_files)] = (
                input_.path.read_bytes()
            )
            self.findings += content.findings
            return
        if frame.empty:
            raise DataError(
                N_("it holds no track") if is_trail else N_("it holds no waypoints"),
                where=input_.name,
                mend=N_("Record or export it again"),
            )
        self.findings += content.findings
        part = Part(input_.name, frame, crs_from=N_("GPX has no other"))
        part = replace(part, encoding_from=N_("the XML says so"))
        if not is_trail:
            frame = add_original_texts(frame, input_.path, input_.name)
            self.parts.append(replace(part, frame=frame))
        elif has_own_ids(content):
            # An export of a whole city is taken apart: its trails have ids, and keep them.
            files = split_file(content, input_.path, input_.name)
            self.point_files |= {id_: files.pop(id_) for id_ in [OTHER_POINTS] if id_ in files}
            self._add_trails(files, input_)
            self.parts += [replace(part, frame=frame.loc[[id_]]) for id_ in frame.index]
        else:
            self._add_trails({input_.path.stem: input_.path.read_bytes()}, input_)
            self.parts.append(part)

    def _add_trails(self, texts: dict[str, bytes], input_: Input) -> None:
        folder = None if self.city is None else self.city.path / "gpx"
        self.trails = choose_trail_ids(
            self.trails, texts, folder, input_.name, replace=self.wish.replace
        )

    def join_register(self) -> list[Finding]:
        """Add to trails of GPX files the columns of the register that lay beside them.

        Returns
        -------
        list of Finding
            Rows of the register that no trail was brought in for.
        """
        if self.register is None:
            return []
        name, table = self.register
        # A row without an id belongs to no file; of two with one id the first counts.
        rows = table.dropna(subset="id").drop_duplicates("id").set_index("id")
        joined, used = join_rows(self.trails, self.parts, rows)
        self.parts = joined
        return [_report_row_without_trail(name, str(id_)) for id_ in rows.index if id_ not in used]

    def check_groups(self) -> list[Finding]:
        """Check that the files of a folder are one layer, or ask which of them is meant."""
        # Ids that come from a column are the office's own, so two files with one id are versions.
        has_id_column = any(part.frame.index.name == "id" for part in self.parts)
        numbered_files = {finding.file for finding in self.findings if finding.code == "id-missing"}
        has_ids = has_id_column and not numbered_files and self.wish.role is not Role.TRAILS
        return check_groups(self.shapes, has_ids=has_ids)

    def combine_parts(self) -> tuple[gpd.GeoDataFrame, list[Finding]]:
        """Combine the files' features in one frame, and mark the members among the shops.

        Raises
        ------
        DataError
            There is a list of members, and there are no shops.
        """
        if self.parts:
            frame = gpd.GeoDataFrame(pd.concat([part.frame for part in self.parts]))
        else:
            shops = None if self.city is None else self.city.shops
            if shops is None:
                raise DataError(
                    N_("this is a list of members, and the city has no shops to mark"),
                    where=self.members[0] if self.members else "",
                    mend=N_("Add the shops first, or in the same command"),
                )
            frame = shops
        if self.members is None:
            return frame, []
        name, table = self.members
        # The list names districts and neighbourhoods; these columns go again when it is done.
        shops_with_areas = self._add_areas(frame)
        shops, findings = mark_members(shops_with_areas, table, name)
        area_columns = [c for c in shops if c not in frame and "onnuri" not in c]
        return shops.drop(columns=area_columns), findings

    def _add_areas(self, shops: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Add the district and neighbourhood in which each shop lies, as member lists name them."""
        for role in (Role.DISTRICTS, Role.NEIGHBORHOODS):
            layer = None if self.city is None else self.city.layer_of(role)
            if self.city is None or layer is None or "name" not in self.city.layers[layer]:
                continue
            joined = self.city.join(shops[["geometry"]], layer)
            names = joined[f"{role.row.noun}_name"].groupby(level=0).first()
            shops = shops.assign(**{f"{role.row.noun}_name": names.reindex(shops.index)})
        return shops


def _is_register(input_: Input) -> bool:
    """Return whether a file is the register of the GPX files in its folder, and no layer."""
    if input_.group is None or input_.path.name.lower() != REGISTER_NAME:
        return False
    table, _ = read_table(input_.path, name=input_.name)
    return find_wkt_column(table) is None


def _report_row_without_trail(name: str, id_: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "register-without-trail",
        name,
        N_("the register has {trail}, but no such trail is brought in; the row is left out"),
        N_("Bring its GPX file in with it"),
        id_,
        {"trail": repr(id_)},
    )


def _select_rows(
    frame: gpd.GeoDataFrame, role: Role, name: str, findings: Sequence[Finding]
) -> Selection:
    """Select the rows that a role takes; if there are none, say why the first was left out."""
    try:
        return select_kind(frame, role, name)
    except DataError as error:
        first_error = next((f for f in findings if f.severity is Severity.ERROR), None)
        if first_error is None:
            raise
        raise DataError(
            N_("none of its rows can be used; the first, {row}: {first}"),
            where=name,
            mend=first_error.mend,
            **first_error.values
            | {
                "row": language.parse_place(first_error.feature) or "-",
                "first": Phrase(first_error.what, **first_error.values),
            },
        ) from error


def _count_lines_left_out(findings: Sequence[Finding]) -> int:
    """Count the rows of a table that its reader left out; those of other formats stay."""
    return len({finding.feature for finding in findings if is_row_left_out(finding)})
