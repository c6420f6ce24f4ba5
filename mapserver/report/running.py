"""Runs a notebook with other parameters in a kernel of this same Python."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from mapserver.errors import N_, DataError, fill, printable
from mapserver.report import parameters
from mapserver.text import language

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
        where = fill(say(N_("cell {number}")), {"number": self.cell})
        return f"{where}: {what}"


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


class Client(NotebookClient):
    """Runs cells until it is interrupted; nbclient itself would take that for a broken kernel."""

    async def async_start_new_kernel(self, **options: Any) -> None:
        """Start the kernel, and let an interrupt end the run as it ends any other program."""
        with suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
        await super().async_start_new_kernel(**options)


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
    written = parameters.defaults(notebook)
    known = {name: values[name] for name in written if name in values}
    drawn = parameters.inject(notebook, known)
    start = nbformat.v4.new_code_cell(PREPARE, metadata={"tags": [START]})
    drawn.cells.insert(0, start)
    begun = time.monotonic()
    reached = 0

    def at(cell: NotebookNode, cell_index: int) -> None:  # noqa: ARG001 -- nbclient's names
        nonlocal reached
        reached = cell_index
        told(cell_index / len(drawn.cells))

    def left(cell: NotebookNode) -> int:  # noqa: ARG001
        return max(1, round(begun + timeout_s - time.monotonic()))

    with TemporaryDirectory(prefix="report") as folder:
        error = _wait(_outcome(_client(drawn, path, Path(folder), left, at), folder))
    failure = None
    if error is not None:
        failure = _failure(_number(drawn, reached), error, timeout_s)
        del drawn.cells[reached + 1 :]
    shown = written | {name: repr(value) for name, value in known.items()}
    return Run(path, drawn, shown, failure, time.monotonic() - begun)


async def _outcome(client: Client, folder: str) -> Exception | None:
    """Run all cells; give the error that ended them."""
    # Nobody's own start-up files of IPython change the numbers.
    environment = os.environ | {"IPYTHONDIR": folder}
    try:
        await client.async_execute(env=environment, stderr=subprocess.DEVNULL, cleanup_kc=True)
    except (CellExecutionError, CellTimeoutError, DeadKernelError, RuntimeError) as error:
        return error
    return None


def _wait(outcome: Coroutine[Any, Any, Exception | None]) -> Exception | None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(outcome)
    with ThreadPoolExecutor(1) as beside:  # called from a notebook, whose own loop runs here
        return beside.submit(asyncio.run, outcome).result()


def _failure(cell: int, error: Exception, timeout_s: int) -> Failure:
    if isinstance(error, CellTimeoutError):
        what = N_("the notebook took more than {seconds} s and was stopped")
        return Failure(cell, what, {"seconds": timeout_s})
    if isinstance(error, CellExecutionError):
        text = printable(" ".join(error.evalue.split()))[:MOST_TEXT]
        return Failure(cell, N_("{kind}: {text}"), {"kind": error.ename, "text": text})
    return Failure(cell, N_("its Python ended by itself; the memory may not have sufficed"), {})


def _client(
    notebook: NotebookNode,
    path: Path,
    folder: Path,
    left: Callable[[NotebookNode], int],
    at: Callable[..., None],
) -> Client:
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
    return Client(
        notebook,
        km=manager,
        timeout_func=left,
        on_cell_start=at,
        startup_timeout=120,
        shutdown_kernel="immediate",  # there is nothing that a kernel could still save
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
