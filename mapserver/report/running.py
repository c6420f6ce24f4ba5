"""Run a notebook with other parameters in a kernel of this same Python."""

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
from mapserver.settings import limits
from mapserver.text import language

HIDDEN = "remove-cell"
"""The tag of cells that a report leaves out, as Jupyter Book names it."""

QUIET = logging.getLogger(f"{__name__}.kernel")
QUIET.setLevel(logging.CRITICAL)
"""The log of Jupyter, which repeats errors that a chapter reports itself."""


PREPARE = "from mapserver.report import kernel\nkernel.prepare_kernel()"

START = "report-start"
"""The tag of the cell that is inserted before all others."""


@dataclass(frozen=True)
class Failure:
    """The reason why a notebook stopped.

    Attributes
    ----------
    cell
        Number of the code cell in the original notebook, from 1; 0 if no cell was the cause.
    what
        What happened, as an English template.
    values
        The values for the template.
    """

    cell: int
    what: str
    values: Mapping[str, object]

    def message(self, lang: str) -> str:
        """Return the reason in a language."""
        say = language.translator(lang).gettext
        what = fill(say(self.what), self.values)
        if not self.cell:
            return what
        where = fill(say(N_("cell {number}")), {"number": self.cell})
        return f"{where}: {what}"


@dataclass(frozen=True)
class Run:
    """A notebook with the outputs of its cells.

    Attributes
    ----------
    path
        Its file.
    notebook
        The cells with outputs, up to the one that failed.
    values
        Its parameters as Python source, by name.
    failure
        The reason why it stopped; None if it ran to its end.
    seconds
        The duration of the run.
    """

    path: Path
    notebook: NotebookNode
    values: Mapping[str, str]
    failure: Failure | None
    seconds: float


class NotebookRunner(NotebookClient):
    """A client that a signal ends; nbclient itself would take that for a broken kernel."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # nbclient puts handlers of its own in place of these as it starts.
        self._stop = signal.getsignal(signal.SIGTERM)

    async def async_start_new_kernel(self, **options: Any) -> None:
        """Start the kernel, and let a signal end the run as it ends any other program."""
        # Windows has no handlers of signals in an event loop.
        with suppress(NotImplementedError):
            loop = asyncio.get_running_loop()
            loop.remove_signal_handler(signal.SIGINT)
            # Without its handler the loop leaves the system's own, which tidies nothing up.
            if loop.remove_signal_handler(signal.SIGTERM):
                signal.signal(signal.SIGTERM, self._stop)
        await super().async_start_new_kernel(**options)


def read_notebook(path: Path) -> NotebookNode:
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


def run_notebook(
    path: Path,
    notebook: NotebookNode,
    values: Mapping[str, Any],
    *,
    timeout_s: int,
    report_progress: Callable[[float], None],
) -> Run:
    """Run a notebook from its first cell to its last, in its own folder.

    Parameters
    ----------
    path
        Its file; relative paths in the notebook start at the folder of it.
    notebook
        The notebook as of :func:`read_notebook`; it is not changed.
    values
        Parameters by name; those that the notebook does not have are ignored.
    timeout_s
        The longest time for all its cells together.
    report_progress
        Called with the share of cells that are done, from 0 to 1.

    Returns
    -------
    Run
        The outputs; an error in a cell is part of them and is not raised.
    """
    defaults = parameters.read_defaults(notebook)
    new_values = {name: values[name] for name in defaults if name in values}
    copy = parameters.inject_values(notebook, new_values)
    # The first cell sets up the kernel; a report leaves it out, as it does the injected values.
    start = nbformat.v4.new_code_cell(PREPARE, metadata={"tags": [START]})
    copy.cells.insert(0, start)
    started_s = time.monotonic()
    current_cell = 0

    def note_start(cell: NotebookNode, cell_index: int) -> None:  # noqa: ARG001 -- nbclient's names
        nonlocal current_cell
        current_cell = cell_index
        report_progress(cell_index / len(copy.cells))

    def limit_cell(cell: NotebookNode) -> int:  # noqa: ARG001
        # nbclient limits each cell; what is left of the limit for all is that of the next cell.
        return max(1, round(started_s + timeout_s - time.monotonic()))

    with TemporaryDirectory(prefix="report") as folder:
        error = _run_coroutine(
            _execute_cells(_make_runner(copy, path, Path(folder), limit_cell, note_start), folder)
        )
    failure = None
    if error is not None:
        failure = _describe_failure(_number_cell(copy, current_cell), error, timeout_s)
        # Cells after the one that failed did not run: old outputs must not look like new ones.
        del copy.cells[current_cell + 1 :]
    texts = defaults | {name: repr(value) for name, value in new_values.items()}
    return Run(path, copy, texts, failure, time.monotonic() - started_s)


async def _execute_cells(client: NotebookRunner, folder: str) -> Exception | None:
    """Run all cells, and return the error that ended them, if any."""
    # An empty folder of IPython: start-up files of the user could change the results.
    environment = os.environ | {"IPYTHONDIR": folder}
    try:
        await client.async_execute(env=environment, stderr=subprocess.DEVNULL, cleanup_kc=True)
    except (CellExecutionError, CellTimeoutError, DeadKernelError, RuntimeError) as error:
        return error
    return None


def _run_coroutine(coroutine: Coroutine[Any, Any, Exception | None]) -> Exception | None:
    """Run a coroutine to its end, whether or not a loop is running."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    # Called from a notebook, in whose own loop no second loop may run: another thread has one.
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(asyncio.run, coroutine).result()


def _describe_failure(cell: int, error: Exception, timeout_s: int) -> Failure:
    """Return the failure of a cell for an error of nbclient."""
    if isinstance(error, CellTimeoutError):
        what = N_("the notebook took more than {seconds} s and was stopped")
        return Failure(cell, what, {"seconds": timeout_s})
    if isinstance(error, CellExecutionError):
        # A message may be a page long and have control characters of a terminal.
        text = printable(" ".join(error.evalue.split()))[: limits.MAX_NOTEBOOK_ERROR_LETTERS]
        return Failure(cell, N_("{kind}: {text}"), {"kind": error.ename, "text": text})
    return Failure(cell, N_("its Python ended by itself; the memory may not have sufficed"), {})


def _make_runner(
    notebook: NotebookNode,
    path: Path,
    folder: Path,
    limit_cell: Callable[[NotebookNode], int],
    note_start: Callable[..., None],
) -> NotebookRunner:
    """Create a runner for a notebook, with a kernel whose files are in a folder."""
    # Without folders to search there is only the kernel of this Python, whatever kernels are
    # installed, and whichever of them the notebook was saved with.
    kernel_specs = KernelSpecManager(kernel_dirs=[], ensure_native_kernel=True)
    # Sockets are files in a folder of this user, where no other user can connect to the kernel.
    channel = {} if os.name == "nt" else {"transport": "ipc", "ip": str(folder / "kernel")}
    manager = AsyncKernelManager(
        kernel_name=NATIVE_KERNEL_NAME,
        kernel_spec_manager=kernel_specs,
        connection_file=str(folder / "kernel.json"),
        log=QUIET,
        **channel,
    )
    return NotebookRunner(
        notebook,
        km=manager,
        timeout_func=limit_cell,
        on_cell_start=note_start,
        startup_timeout=120,
        # All results have been read: the kernel has nothing to save.
        shutdown_kernel="immediate",
        log=QUIET,
        resources={"metadata": {"path": str(path.parent)}},
    )


def _number_cell(notebook: NotebookNode, index: int) -> int:
    """Return the number of a code cell in the original notebook, without inserted cells."""
    added_tags = {START, parameters.INJECTED}
    return sum(
        cell.cell_type == "code" and not added_tags & set(cell.metadata.get("tags", ()))
        for cell in notebook.cells[: index + 1]
    )
