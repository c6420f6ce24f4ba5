"""Renews the locks in a worker that was forked while another thread of the parent held them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from functools import cached_property
from importlib import import_module

from flask import Flask

FACTORIES = {type(make()): make for make in (threading.Lock, threading.RLock)}
"""What makes a new lock of each type: the type of a plain lock cannot be called in Python 3.11."""

no_imports = threading.Lock()
"""Held while a worker is forked, and while a thread beside the main one imports libraries: what it
holds of Python's own locks of modules would stay held in the worker, where nobody can renew it."""


def import_unforked(names: Iterable[str]) -> None:
    """Import modules in a thread of the parent, while no worker is forked."""
    with no_imports:
        for name in names:
            import_module(name)


def renew_locks(app: Flask) -> None:
    """Make every lock of ours free.

    The thread that watches the folder may be opening a city, or making its pages, when a worker is
    forked. It does not exist in the worker, so what it holds there would stay locked for ever. What
    it was making is not served: a worker that was just forked answers from what was published.

    Parameters
    ----------
    app
        The application that the worker has got.
    """
    renewed: dict[int, object] = {}
    modules = [module for name, module in sys.modules.items() if name.startswith("mapserver")]
    for module in modules:
        for name, value in list(vars(module).items()):
            if make_lock := FACTORIES.get(type(value)):
                setattr(module, name, renewed.setdefault(id(value), make_lock()))
            elif isinstance(value, type) and value.__module__.startswith("mapserver"):
                _renew_properties(value)
    app.extensions["mapserver-editions"].renew_locks()
    app.extensions["mapserver-limiter"].renew_locks()
    if tries := app.extensions.get("mapserver-tries"):
        tries.renew_locks()


def _renew_properties(owner: type) -> None:
    # Until Python 3.12, a cached property has one lock for all instances while it computes.
    for value in vars(owner).values():
        if isinstance(value, cached_property) and hasattr(value, "lock"):
            value.lock = threading.RLock()
