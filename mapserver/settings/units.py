"""Multiples of a byte, as memory and files are counted."""

from __future__ import annotations

KIB, MIB, GIB = 2**10, 2**20, 2**30
