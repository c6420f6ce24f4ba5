"""What a user should know of a join beside its answers: what is made anew, and what is replaced."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from mapserver.errors import N_, Phrase
from mapserver.joining.manifest import Manifest
from mapserver.joining.planning import PlannedFile

NOT_OPTIONS = ("box", "batch_rows")
"""Of a question, what no user sets: the box follows from the data, and the rows of a batch are a
limit of the program."""
OPTIONS = {"within": "layer", "max_distance_m": "max-distance"}
"""What a user calls an option that a question calls otherwise."""


def list_notes(
    manifest: Manifest, earlier: Manifest | None, planned: Collection[PlannedFile], finished: int
) -> list[Phrase]:
    """List what a user should know of the files of points, and of an earlier join.

    Parameters
    ----------
    manifest
        Of the join that begins.
    earlier
        Of the folder of answers; None where there is none.
    planned
        The files of points.
    finished
        How many parts of the earlier join are taken over.
    """
    notes = [] if earlier is None else _compare_manifests(manifest, earlier, finished)
    if replaced := sorted({name for file in planned for name in file.replaced}):
        called = N_("columns of the points that are called like answers are replaced: {names}")
        notes.append(Phrase(called, names=", ".join(map(repr, replaced))))
    if keys := sorted({key for file in planned for key in file.path_keys}):
        # The type of a key in a path is guessed from it, and the column of answers has another.
        twice = N_(
            "folders of the points are called like answers, and programs that read columns from "
            "paths open the answers only when told not to (pandas: partitioning=None): {names}"
        )
        notes.append(Phrase(twice, names=", ".join(map(repr, keys))))
    return notes


def _compare_manifests(manifest: Manifest, earlier: Manifest, finished: int) -> list[Phrase]:
    """List what has changed since an earlier join, or how much of it is taken over."""
    if earlier.digest != manifest.digest:
        return _list_reasons(manifest.job, earlier.job)
    changed = sum(
        state != earlier.inputs[name]
        for name, state in manifest.inputs.items()
        if name in earlier.inputs
    )
    notes = []
    if finished:
        notes.append(Phrase(N_("parts that were done already: {count}"), count=finished))
    if changed:
        changes = N_("files of points that have changed since, and are joined again: {count}")
        notes.append(Phrase(changes, count=changed))
    return notes


def _list_reasons(job: dict[str, Any], earlier: dict[str, Any]) -> list[Phrase]:
    """List why all is made anew: other options, other data, another version."""
    reasons = []
    now, before = job["question"], earlier.get("question")
    # A manifest that somebody has edited may hold anything.
    before = before if isinstance(before, dict) else {}
    options = [
        OPTIONS.get(name, name)
        for name in now
        if name not in NOT_OPTIONS and now[name] != before.get(name)
    ]
    if options:
        differ = N_("all is made anew, since the earlier answers had other options: {options}")
        reasons.append(Phrase(differ, options=", ".join(options)))
    if job["data"] != earlier.get("data"):
        reasons.append(Phrase(N_("all is made anew, since the data of the city has changed")))
    if not reasons:
        other = N_("all is made anew, since another version of the program made earlier answers")
        reasons.append(Phrase(other))
    return reasons
