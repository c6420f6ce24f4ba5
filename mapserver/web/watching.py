"""Watches the folder of the served city by the clock, and renews the snapshot when it rests."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path

from mapserver.errors import MapserverError, StoreAwayError, StoreError, UnrestError, fill
from mapserver.model import Fingerprint, Snapshot
from mapserver.readers.city_folder import fingerprint
from mapserver.settings import limits
from mapserver.web.backdrop import make_postponed_backdrop
from mapserver.web.forking import run_gently
from mapserver.web.keeping import keep_opened
from mapserver.web.live import Live, open_snapshot
from mapserver.web.served_city import ServedCity

log = logging.getLogger("mapserver")


class Watcher:
    """Looks at a city folder by the clock, never because somebody visits.

    What it finds is opened and prepared while the folder comes to rest, and served when nothing in
    it has changed for ``limits.FOLDER_REST_S`` by this process's own clock: times of files may lie
    in the future, or come from another machine. A new day in Korea is a change, too, so that its
    pages are there before the first visitor. A folder that does not come to rest is opened all the
    same ``limits.MAX_UNSERVED_S`` after the first change that is not served, and served as it was
    while it was read, in which nothing changed. Whatever goes wrong is recorded and tried again;
    the old snapshot is served meanwhile.

    One process watches. Under the production server that is the parent, which has no requests to
    answer: it renews its application and has the workers forked anew, so they need no thread.

    Parameters
    ----------
    live
        What is renewed.
    prepare
        Makes what visitors of a snapshot will want. When it fails, the snapshot is not served.
    publish
        Called when another snapshot, or another day, is served.
    keep
        Called with a city, and the time from which it was served, when it has been served for
        ``limits.RELEASE_REST_S``; with the first one at once.
    clock
        Seconds that only grow.
    day
        Today in the city by default.
    """

    def __init__(  # noqa: PLR0913 -- what it tells others of, and its clocks
        self,
        live: Live,
        *,
        prepare: Callable[[ServedCity], object] = lambda _: None,
        publish: Callable[[], object] = lambda: None,
        keep: Callable[[Snapshot, dt.datetime], object] = lambda *_: None,
        clock: Callable[[], float] = time.monotonic,
        day: Callable[[], dt.date] | None = None,
    ) -> None:
        self._live = live
        self._prepare = prepare
        self._publish = publish
        self._keep = keep
        self._clock = clock
        self._day = day
        self._store = live.store
        # What is seen of a database is whole; files are written in pieces.
        self._settle_s = 0.0 if self._store else limits.FOLDER_SETTLE_S
        self._rest_s = limits.STORE_REST_S if self._store else limits.FOLDER_REST_S
        self._served_day = self._find_day()
        self._seen: Fingerprint | None = live.snapshot.files
        self._changed_at_s = self._rested_at_s = clock()
        self._candidate: ServedCity | None = None
        self._failed: Fingerprint | None = None
        self._attempts = 0
        self._retry_at_s = 0.0
        self._overdue_at_s: float | None = None
        self._is_forced = False
        self._said = ""
        self._stop = threading.Event()
        # The version that is served, and that of which a release was kept or tried.
        self._served_version, self._kept_version = live.city.version, ""
        self._opened_version = ""  # of the city that was kept for the next start
        self._served_at, self._served_since_s = dt.datetime.now(dt.UTC), float("-inf")

    def on_publish(self, publish: Callable[[], object]) -> None:
        """Call another function when another snapshot, or another day, is served."""
        self._publish = publish

    @property
    def is_due(self) -> bool:
        """Whether the folder has changed, and has rested for so long that it is to be served."""
        return self._seen != self._live.snapshot.files and self._is_at_rest(self._rest_s)

    # -- the thread ----------------------------------------------------------------------------

    def start(self) -> None:
        """Look at the folder from time to time in a thread, until nobody has this any more."""
        name = "watch the city folder"
        threading.Thread(target=_watch, args=(weakref.ref(self),), name=name, daemon=True).start()

    def stop(self) -> None:
        """End the thread after the look that is going on."""
        self._stop.set()

    def reload(self) -> None:
        """Have the folder opened and served anew soon, whether it has changed or not.

        It only sets a mark, so a signal may call it.
        """
        self._is_forced = True

    def wait(self) -> bool:
        """Wait until the next look; return whether there is to be one."""
        return not self._stop.wait(self.pause_s)

    @property
    def pause_s(self) -> float:
        """How long nobody looks: short while there is something to do, and before a database."""
        is_started = self._live.is_warm and not self._live.is_backdrop_due
        is_served = not self._is_forced and self._seen == self._live.snapshot.files
        is_at_rest = is_started and is_served and self._store is None
        return limits.WATCH_AT_REST_S if is_at_rest else limits.WATCH_EVERY_S

    # -- one look ------------------------------------------------------------------------------

    def look(self) -> None:
        """Look at the folder once, and renew the snapshot if it is due."""
        try:
            if self._follow_store():
                if not self._look():
                    self._hand_on()
            else:
                self._finish_start()
                self._renew_day()
        except UnrestError:
            self._seen = None  # so that the next look takes what it sees for a change
        except (KeyboardInterrupt, SystemExit):
            raise  # somebody ends the server
        except BaseException as error:  # noqa: BLE001 -- whatever it is, the old city is served on
            # A panic of a library in Rust is no Exception.
            self._record_failure(error)

    def _follow_store(self) -> bool:
        """Make the folder equal to the database, where there is one; False while it is away.

        What was read of it is served on meanwhile, and a new day comes all the same.
        """
        if self._store is None:
            return True
        was_away = self._store.is_away
        try:
            self._store.refresh()
        except StoreError as error:
            self._live.condition.record_failure(describe(error, self._live.settings.city))
            # Another reason than before would stay hidden behind the first one.
            if not was_away or str(error) != self._said:
                log.error("the city cannot be read from the database; it is served on: %s", error)
            self._said = str(error)
            return False
        if was_away and not self._store.is_away:
            log.info("the database answers again")
        return not self._store.is_away

    def _look(self) -> bool:
        """Look at the folder; return whether what the start had left was published."""
        files = fingerprint(self._live.settings.city)
        if files != self._seen:
            self._seen, self._changed_at_s = files, self._clock()
        self._note_unrest(files)
        if self._is_forced or files != self._live.snapshot.files:
            self._renew(files)
        else:
            self._candidate = None
            is_finished = self._finish_start()
            if self._renew_day():
                self._failed, self._attempts = None, 0
                self._live.condition.clear_failure()
            return is_finished
        return False

    def _hand_on(self) -> None:
        """Hand on a city that has been served for a while, to be kept as a release.

        Not when it is published: workers are forked then, and a thread that reads files may hold a
        lock of a library which would stay held in them.
        """
        city = self._live.city
        if city.version != self._served_version:
            self._served_version, self._served_since_s = city.version, self._clock()
            self._served_at = dt.datetime.now(dt.UTC)
        is_old_enough = self._clock() - self._served_since_s >= limits.RELEASE_REST_S
        if is_old_enough and city.version != self._kept_version:
            self._kept_version = city.version
            self._keep_opened()
            self._keep(city, self._served_at)

    def _keep_opened(self) -> None:
        """Keep what is served for the next start, once."""
        if (version := self._live.city.version) != self._opened_version:
            self._opened_version = version
            keep_opened(self._live.snapshot)

    def _find_day(self) -> dt.date:
        """Return today in the city; asked anew, since a new catalogue may put it elsewhere."""
        return self._day() if self._day else self._live.snapshot.city.today()

    def _finish_start(self) -> bool:
        """Make what the start has left for later: what everybody loads, and then the streets.

        Workers answer before: what they lack they make when it is asked for. Those that are forked
        anew have it, and share its memory. It returns whether something was published.
        """
        if not self._live.is_warm:
            self._live.is_warm = True  # also when it fails: all of it can be made on demand
            run_gently(partial(self._prepare, self._live.snapshot))
            # Before workers are forked anew: who writes a city touches all of it, and would have
            # a copy of the memory that it shares with them.
            self._keep_opened()
            self._publish()
            return True
        if not self._live.is_backdrop_due:
            return False
        self._live.is_backdrop_due = False  # also when it fails: pages stand without streets
        run_gently(partial(make_postponed_backdrop, self._live.city))
        self._prepare(self._live.snapshot)
        self._live.replace(self._live.snapshot)  # the same, and from now on its pages are others
        self._publish()
        return True

    def _renew_day(self) -> bool:
        """Prepare the pages of a new day; False where that failed and is to be tried later."""
        if (day := self._find_day()) != self._served_day:
            if self._seen == self._failed and self._clock() < self._retry_at_s:
                return False
            self._prepare(self._live.snapshot)
            self._served_day = day
            self._publish()
        return True

    def _is_at_rest(self, seconds: float) -> bool:
        return self._clock() - self._changed_at_s >= seconds

    @property
    def _is_overdue(self) -> bool:
        """Whether a change has waited so long for the folder to rest that it is not waited for."""
        return self._overdue_at_s is not None and self._clock() >= self._overdue_at_s

    def _note_unrest(self, files: Fingerprint) -> None:
        """Record it when the folder has been changing for very long."""
        if files == self._live.snapshot.files:
            self._overdue_at_s = None
        elif self._overdue_at_s is None:
            self._overdue_at_s = self._clock() + limits.MAX_UNSERVED_S
        if self._is_at_rest(self._rest_s):
            self._rested_at_s = self._clock()
            if self._overdue_at_s is None:
                self._live.condition.clear_unrest()
        elif self._clock() - self._rested_at_s > limits.FOLDER_PATIENCE_S:
            self._rested_at_s = self._clock()
            self._live.condition.record_failure("the files of the city keep changing")
            log.error("the files of the city keep changing; what was opened last is served on")

    def _renew(self, files: Fingerprint) -> None:
        """Open the folder in this state, and serve it once it has rested."""
        is_pausing = files == self._failed and self._clock() < self._retry_at_s
        if self._is_overdue and not is_pausing:
            self._renew_in_unrest()
            return
        if not self._is_at_rest(self._settle_s) or (is_pausing and not self._is_forced):
            return
        if self._candidate is None or self._candidate.files != files:
            self._candidate = self._open_candidate()
        # Opening took a while: only what is still so, and has been so for long enough, is served.
        is_still_so = fingerprint(self._live.settings.city) == files == self._candidate.files
        if not is_still_so or not self._is_at_rest(self._rest_s):
            return
        candidate, self._candidate = self._candidate, None
        self._serve(candidate)

    def _open_candidate(self) -> ServedCity:
        """Open the folder, and prepare what visitors will want."""
        # Who asks for it wants the files themselves to be read again.
        earlier = None if self._is_forced else self._live.snapshot
        place = (self._live.settings.city, earlier)
        candidate = open_snapshot(*place, *([self._store] if self._store else []))
        self._prepare(candidate)
        return candidate

    def _renew_in_unrest(self) -> None:
        """Serve a folder that does not come to rest: a state in which it was read as a whole.

        Raises
        ------
        UnrestError
            It changed each time while it was read; it is tried again in a while.
        """
        if self._live.condition.record_unrest(time.time() - limits.MAX_UNSERVED_S):
            log.warning(
                "unrest: the files of the city have been changing for %.0f s; they are opened all "
                "the same, between two changes",
                limits.MAX_UNSERVED_S,
            )
        self._overdue_at_s = self._clock() + limits.UNREST_RETRY_S
        candidate = self._open_candidate()
        # What has changed since then waits as long again.
        self._candidate = self._overdue_at_s = None
        self._rested_at_s = self._clock()
        self._serve(candidate)

    def _serve(self, candidate: ServedCity) -> None:
        """Let a snapshot that is whole and prepared take the place of the old one."""
        is_new = candidate.city.version != self._live.city.version
        self._live.replace(candidate)
        self._failed, self._attempts = None, 0
        self._live.condition.clear_failure()
        if not is_new and not self._is_forced:
            return  # the same contents, written again
        self._is_forced, self._live.is_warm = False, True
        self._served_day = self._find_day()
        self._live.condition.record_success(candidate.city.version)
        log.info("the city was opened anew, version %s", candidate.city.version)
        self._publish()

    def _record_failure(self, error: BaseException) -> None:
        """Record why the folder is not served as it is, and when to try again."""
        self._attempts = self._attempts + 1 if self._failed == self._seen else 1
        pause_s = limits.REOPEN_AFTER_S[min(self._attempts, len(limits.REOPEN_AFTER_S)) - 1]
        self._candidate, self._failed = None, self._seen
        self._retry_at_s = self._clock() + pause_s
        self._overdue_at_s = None
        self._is_forced = False
        self._live.condition.record_failure(describe(error, self._live.settings.city))
        is_ours = not isinstance(error, MapserverError)
        log.error(
            "the city cannot be opened as it is now, so the old one is served on; it is tried "
            "again in %.0f s: %s",
            pause_s,
            repr(error) if is_ours else error,
            exc_info=error if is_ours else None,
        )


def describe(error: BaseException, city: Path) -> str:
    """Return why a folder cannot be opened, without where it lies on this machine."""
    if isinstance(error, StoreError):
        # What a database says names hosts and people, which is nothing for the public.
        is_away = isinstance(error, StoreAwayError)
        table = error.values.get("table", "")
        said = "does not answer" if is_away else f"refuses{f' ({table})' if table else ''}"
        return f"the database {said}; the log says why"
    if isinstance(error, MapserverError):
        text = fill(error.what, error.values)
        # The name of a city that is served from where it lies may be a mere dot.
        return text.replace(str(city), city.name) if city.is_absolute() else text
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return f"this program made a mistake ({type(error).__name__}); its log says more"


def wait_until_at_rest(
    city: Path,
    *,
    patience_s: float = limits.FOLDER_PATIENCE_S,
    clock: Callable[[], float] = time.monotonic,
    wall_clock_s: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Wait until nothing in a city folder is younger than a moment, so that it can be opened.

    A folder whose files were changed long ago is not waited for. One that never rests is waited
    for ``patience_s`` seconds; the watcher sees to the rest.
    """
    seen = fingerprint(city)
    ages_s = [wall_clock_s() - changed_ns / 1e9 for *_, changed_ns, _ in seen]
    if not any(
        age_s < limits.FOLDER_REST_S for age_s in ages_s
    ):  # a disk whose clock is ahead counts as young
        return
    started_s = changed_s = clock()
    while clock() - changed_s < limits.FOLDER_REST_S and clock() - started_s < patience_s:
        sleep(limits.WATCH_EVERY_S)
        if (files := fingerprint(city)) != seen:
            seen, changed_s = files, clock()


def _watch(reference: weakref.ref[Watcher]) -> None:
    """Look from time to time; holds the watcher only while it looks, so that it may go."""
    while (watcher := reference()) is not None and watcher.wait():
        watcher.look()
        del watcher
