"""The production server: gunicorn, with the city opened once and shared by its workers."""

from __future__ import annotations

import os
import socket
from typing import Any, cast

from flask import Flask
from gunicorn.app.base import BaseApplication

from mapserver.errors import N_, SettingsError
from mapserver.settings import Settings
from mapserver.web import create_app
from mapserver.web.live import Live
from mapserver.web.pages import warm_up
from mapserver.web.watching import Watcher, wait_until_at_rest

# Path without the query: positions that people ask about do not belong in a log.
ACCESS_LOG = '%(h)s "%(m)s %(U)s" %(s)s %(B)s bytes %(M)s ms'
THREADS = 4


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Runs the application under gunicorn with the options of the command line."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Hand our options to gunicorn."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Give the application, opened before the workers are forked."""
        return self._app


def serve(settings: Settings, *, host: str, port: int, workers: int | None = None) -> None:
    """Serve a city until the process is told to stop.

    Parameters
    ----------
    settings
        The city and how it is shown.
    host, port
        Where to listen.
    workers
        Processes; by default one for each processor, at most four.

    Raises
    ------
    SettingsError
        The address cannot be listened on.
    """
    _require_free(host, port)
    wait_until_at_rest(settings.city)
    app = create_app(settings)
    # Everything that requests share is made before the fork, so the workers share its memory.
    served = cast("Live", app.extensions["mapserver"])
    warm_up(app, served.snapshot)
    watcher = Watcher(served, prepare=lambda snapshot: warm_up(app, snapshot))
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    Server(
        app,
        {
            "bind": address,
            "workers": workers or min(os.cpu_count() or 1, 4),
            "worker_class": "gthread",
            "threads": THREADS,
            "preload_app": True,
            "accesslog": "-",
            "access_log_format": ACCESS_LOG,
            "loglevel": "warning",
            "timeout": 60,
            "graceful_timeout": 10,
            "proc_name": "mapserver",
            "post_worker_init": lambda _: watcher.start(),
        },
    ).run()


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise SettingsError(
                N_("cannot listen there: {reason}"),
                where=f"{host}:{port}",
                mend=N_("Choose another --port, or stop what listens on this one"),
                reason=getattr(error, "strerror", None) or str(error),
            ) from error
