"""Runs a notebook with other parameters in a kernel of this same Python."""

from __future__ import annotations

import logging
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from nbformat import NotebookNode

from mapserver import language
from mapserver.errors import N_, DataError, fill, printable
from mapserver.report import parameters

HIDDEN = "remove-cell"
"""The tag of cells that a report leaves out, as Jupyter Book names it."""

QUIET = logging.getLogger(f"{__name__}.kernel")
QUIET.setLevel(logging.CRITICAL)
"""Jupyter tells its own log what a chapter says better."""

MOST_TEXT = 600
"""Characters of an error that a chapter tells."""

PREPARE = "from mapserver.report import kernel\nkernel.prepare()"

START = "report-start"
"""The tag of the cell that is put before all others."""


@dataclass(frozen=True)
class Failure:
    """Why a notebook stopped.

    Attributes
    ----------
    cell
        Number of the code cell, from 1 as the notebook stands; 0 when it was no cell's fault.
    what
        What happened, as an English template.
    values
        What the template names.
    """

    cell: int
    what: str
    values: Mapping[str, object]

    def message(self, lang: str) -> str:
        """Say it in a language."""
        say = language.translator(lang).gettext
        what = fill(say(self.what), self.values)
        if not self.cell:
            return what
        return f"{fill(say(N_('cell {number}')), {'number': self.cell})}: {what}"


@dataclass(frozen=True)
class Run:
    """A notebook with what its cells gave.

    Attributes
    ----------
    path
        Where it stands.
    notebook
        With outputs, up to the cell that failed.
    values
        What its parameters were, as Python writes them.
    failure
        Why it stopped; None when it ran to its end.
    seconds
        How long it took.
    """

    path: Path
    notebook: NotebookNode
    values: Mapping[str, str]
    failure: Failure | None
    seconds: float


def read(path: Path) -> NotebookNode:
    """Read a notebook.

    Raises
    ------
    DataError
        It is none.
    """
    try:
        return nbformat.read(path, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, ValueError) as error:
        raise DataError(
            N_("this is no notebook"),
            where=str(path),
            mend=N_("Open it in Jupyter and save it again"),
        ) from error


def run(
    path: Path,
    notebook: NotebookNode,
    values: Mapping[str, Any],
    *,
    timeout_s: int,
    told: Callable[[float], None],
) -> Run:
    """Run a notebook from its first cell to its last, in its own folder.

    Parameters
    ----------
    path
        Where the notebook stands; relative names in it start there.
    notebook
        As :func:`read` gave it; it stays as it is.
    values
        Parameters by name; those that it does not have are left out.
    timeout_s
        How long all its cells may take together.
    told
        Called with the share of cells that are done, from 0 to 1.

    Returns
    -------
    Run
        What came of it; an error in a cell is told, not raised.
    """
    from nbclient.exceptions import (  # noqa: PLC0415 -- an optional package
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    written = parameters.defaults(notebook)
    known = {name: values[name] for name in written if name in values}
    drawn = parameters.inject(notebook, known)
    start = nbformat.v4.new_code_cell(PREPARE, metadata={"tags": [START]})
    drawn.cells.insert(0, start)
    begun = time.monotonic()
    failure = None
    reached = 0

    def at(cell: NotebookNode, cell_index: int) -> None:  # noqa: ARG001 -- nbclient's names
        nonlocal reached
        reached = cell_index
        told(cell_index / len(drawn.cells))

    def left(cell: NotebookNode) -> int:  # noqa: ARG001
        return max(1, round(begun + timeout_s - time.monotonic()))

    try:
        with TemporaryDirectory(prefix="report") as folder:
            # Nobody's own start-up files of IPython change the numbers.
            environment = os.environ | {"IPYTHONDIR": folder}
            client = _client(drawn, path, Path(folder), left, at)
            client.execute(env=environment, stderr=subprocess.DEVNULL)
    except CellTimeoutError:
        what = N_("the notebook took more than {seconds} s and was stopped")
        failure = Failure(_number(drawn, reached), what, {"seconds": timeout_s})
    except CellExecutionError as error:
        text = printable(" ".join(error.evalue.split()))[:MOST_TEXT]
        what = N_("{kind}: {text}")
        failure = Failure(_number(drawn, reached), what, {"kind": error.ename, "text": text})
    except (DeadKernelError, RuntimeError):
        what = N_("its Python ended by itself; the memory may not have sufficed")
        failure = Failure(_number(drawn, reached), what, {})
    if failure is not None:
        del drawn.cells[reached + 1 :]
    shown = written | {name: repr(value) for name, value in known.items()}
    return Run(path, drawn, shown, failure, time.monotonic() - begun)


def _client(
    notebook: NotebookNode,
    path: Path,
    folder: Path,
    left: Callable[[NotebookNode], int],
    at: Callable[..., None],
) -> Any:
    from jupyter_client.kernelspec import (  # noqa: PLC0415
        NATIVE_KERNEL_NAME,
        KernelSpecManager,
    )
    from jupyter_client.manager import AsyncKernelManager  # noqa: PLC0415
    from nbclient import NotebookClient  # noqa: PLC0415

    # Whatever kernels are installed, with no folder to look in there is only the one of this
    # Python, and whatever the notebook was last saved with does not matter.
    own = KernelSpecManager(kernel_dirs=[], ensure_native_kernel=True)
    # Sockets in a folder of ours: no other user of the machine can listen.
    channel = {} if os.name == "nt" else {"transport": "ipc", "ip": str(folder / "kernel")}
    manager = AsyncKernelManager(
        kernel_name=NATIVE_KERNEL_NAME,
        kernel_spec_manager=own,
        connection_file=str(folder / "kernel.json"),
        log=QUIET,
        **channel,
    )
    return NotebookClient(
        notebook,
        km=manager,
        timeout_func=left,
        on_cell_start=at,
        startup_timeout=120,
        log=QUIET,
        resources={"metadata": {"path": str(path.parent)}},
    )


def _number(notebook: NotebookNode, index: int) -> int:
    """Count a code cell as the notebook stands, without the cells that were put in."""
    put_in = {START, parameters.INJECTED}
    return sum(
        cell.cell_type == "code" and not put_in & set(cell.metadata.get("tags", ()))
        for cell in notebook.cells[: index + 1]
    )
