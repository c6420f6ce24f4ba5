"""How renewing the served city goes: one record, shared by the processes of a server."""

from __future__ import annotations

import dataclasses
import json
import mmap
import struct
import time
import zlib
from dataclasses import dataclass

from mapserver.settings import limits

HEAD = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of the attempts to renew the city.

    Attributes
    ----------
    version
        Version of the data that is served.
    opened_at_s
        When it was opened, seconds since 1970.
    reloads
        How often a newer snapshot was published.
    failures
        How often the folder could not be opened.
    reason
        Why the folder as it is now is not served, in English; empty when it is.
    failing_since_s
        Since when, seconds since 1970; 0 when it is served.
    unrest_since_s
        Since when the folder keeps changing and is opened all the same; 0 when it rests.
    """

    version: str
    opened_at_s: float
    reloads: int = 0
    failures: int = 0
    reason: str = ""
    failing_since_s: float = 0.0
    unrest_since_s: float = 0.0


class Condition:
    """A report in memory that forked processes share: the watching one writes, all read.

    Parameters
    ----------
    version
        Version of the data that is served from the beginning.
    """

    def __init__(self, version: str) -> None:
        # Anonymous memory that is mapped as shared stays one piece of memory after a fork.
        self._memory = mmap.mmap(-1, limits.CONDITION_BYTES)
        self._last = Report(version, time.time())
        self._write(self._last)

    @property
    def report(self) -> Report:
        """The latest report."""
        for _ in range(limits.MAX_CONDITION_READINGS):
            length, checksum = HEAD.unpack_from(self._memory)
            text = self._memory[HEAD.size : HEAD.size + length]
            # A report that is being written does not match its checksum.
            if zlib.crc32(text) == checksum:
                self._last = Report(**json.loads(text))
                break
        return self._last

    def record_success(self, version: str) -> None:
        """Record that a snapshot was published."""
        report = self.report
        self._write(
            Report(
                version,
                time.time(),
                report.reloads + 1,
                report.failures,
                unrest_since_s=report.unrest_since_s,
            )
        )

    def record_failure(self, reason: str) -> None:
        """Record why the folder cannot be served as it is now."""
        report = self.report
        since_s = report.failing_since_s or time.time()
        self._write(
            dataclasses.replace(
                report,
                failures=report.failures + 1,
                reason=reason[: limits.MAX_CONDITION_LETTERS],
                failing_since_s=since_s,
            )
        )

    def clear_failure(self) -> None:
        """Record that what is served is the folder as it is now."""
        report = self.report
        if report.reason:
            self._write(dataclasses.replace(report, reason="", failing_since_s=0.0))

    def record_unrest(self, since_s: float) -> bool:
        """Record since when the folder keeps changing; False where that is known already."""
        report = self.report
        if report.unrest_since_s:
            return False
        self._write(dataclasses.replace(report, unrest_since_s=since_s))
        return True

    def clear_unrest(self) -> None:
        """Record that the folder rests."""
        report = self.report
        if report.unrest_since_s:
            self._write(dataclasses.replace(report, unrest_since_s=0.0))

    def _write(self, report: Report) -> None:
        text = json.dumps(dataclasses.asdict(report), ensure_ascii=False).encode()
        HEAD.pack_into(self._memory, 0, len(text), zlib.crc32(text))
        self._memory[HEAD.size : HEAD.size + len(text)] = text
