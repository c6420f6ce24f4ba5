"""The page of those who inspect trails: a form for a telephone, whose rows go into the ledger."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, cast
from urllib.parse import quote, urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, redirect, request

from mapserver.errors import N_, DataError
from mapserver.importing.inspection_rows import KeyTakenError
from mapserver.model import Role, describe_faults, encode
from mapserver.settings import limits
from mapserver.text.grades import Grade
from mapserver.text.inspection_words import INSPECTORS, WHOLE, recognise_item
from mapserver.text.language import write_error
from mapserver.text.person_marks import has_person_marks
from mapserver.web.inspector_keys import InspectorKeys, Pass, Tries
from mapserver.web.live import current
from mapserver.web.pages.inspection_form import (
    FAULTY_GRADES,
    GRADE_BUTTONS,
    REPAIR_NOTES,
    REPAIRED_AND_WRONG,
    Entry,
    EntryError,
    list_open_faults,
    list_repair_notes,
    list_rows,
    mark_fault,
    read_entry,
)
from mapserver.web.pages.inspection_items import list_items
from mapserver.web.pages.listed import ListedFeature
from mapserver.web.rates import find_client, round_wait
from mapserver.web.refusals import require_at_most
from mapserver.web.rendering import HTML, Edition, edition

log = logging.getLogger("mapserver")
blueprint = Blueprint("inspecting", __name__, url_prefix="/check")
COOKIE = "inspector"
WRONG_CODE = N_("This code does not open this trail. Look at the sheet and type it again.")
WAIT_A_MOMENT = N_("Too many codes were tried from here. Please wait {wait_s} seconds.")
EXPIRED = N_("Scan the code on the sheet again: after some hours each telephone is asked anew.")
CUT_OUT = N_(
    "A number or an address of a person was left out of the text, since everybody can read it."
)
FOREIGN = N_("This form does not come from the page of this trail. Load the page again.")


class InspectionLedger(Protocol):
    """Where looks at trails are written: a file of a folder, or a table of a database."""

    def append(self, rows: Sequence[Mapping[str, str]], key: str, content: str) -> bool:
        """Append the rows of an entry; False where they had been written before."""

    def is_written(self, key: str, content: str) -> bool:
        """Return whether the entry of a key was written with this content."""


def install(app: Flask, secret: str, ledger: InspectionLedger) -> None:
    """Add the pages of inspectors to an application, who write into a ledger."""
    app.register_blueprint(blueprint)
    app.extensions["mapserver-inspection-ledger"] = ledger
    app.extensions["mapserver-inspector-keys"] = InspectorKeys(secret)
    app.extensions["mapserver-tries"] = Tries()


@blueprint.after_request
def keep_out_of_caches(response: Response) -> Response:
    """Have nobody keep these pages, and no search engine list them."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.get("/<id_>")
def show_form(id_: str) -> Response:
    """Show the form to a browser that has shown the code, and else the field for it."""
    pages = edition()
    place = _require_trail(pages, id_)
    own_pass = _read_pass(id_)
    if own_pass is None or not own_pass.is_fresh:
        return _ask_for_code(pages, place, status=403)
    return _show_page(pages, place, own_pass, Entry(key=secrets.token_hex(16)))


@blueprint.post("/<id_>/enter")
def take_code(id_: str) -> Response:
    """Give a pass to a browser that sends the code of a trail."""
    _bound_body()
    pages = edition()
    place = _require_trail(pages, id_)
    keys, tries, known = _keys(), _tries(), _read_pass(id_)
    client = find_client(request.remote_addr or "")
    # A browser that has had the right code before is slowed down apart from its address, which
    # may be that of a whole mobile network.
    wait_s = tries.compute_wait(known.text.encode() if known else client or b"this machine")
    # A proxy that is not trusted makes everybody this machine: a right code is heard all the same.
    if wait_s and client and not known:
        return _ask_to_wait(pages, place, wait_s)
    if not keys.is_code(id_, request.form.get("code", "")):
        wait_s = max(wait_s, tries.compute_wait_of_all())
        if wait_s:
            return _ask_to_wait(pages, place, wait_s)
        return _ask_for_code(pages, place, status=403, problem=pages.site.say(WRONG_CODE))
    response = cast("Response", redirect(_address(pages, id_), 303))
    response.set_cookie(
        COOKIE,
        keys.make_pass(id_),
        max_age=limits.KNOWN_BROWSER_S,
        path=f"{request.script_root}/check/{quote(id_)}",
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )
    return response


@blueprint.post("/<id_>")
def take_entry(id_: str) -> Response:
    """Write what an inspector has entered into the ledger of inspections."""
    _bound_body()
    pages = edition()
    place = _require_trail(pages, id_)
    own_pass = _read_pass(id_)
    if own_pass is None or not own_pass.is_fresh:
        return _refuse(pages, place, None, 403, pages.site.say(EXPIRED))
    if not _is_of_this_site() or not _keys().is_form_mark(own_pass, request.form.get("mark", "")):
        return _refuse(pages, place, None, 403, pages.site.say(FOREIGN))
    today = pages.city.today()
    try:
        entry = read_entry(request.form, today, list_items(current().city, pages.lang))
        notes = list_repair_notes(current().city, id_, entry)
        is_new = _write_entry(id_, entry)
    except (EntryError, KeyTakenError) as error:
        status = 400 if isinstance(error, EntryError) else 409
        return _refuse(pages, place, own_pass, status, pages.site.say(error.what))
    except DataError as error:
        log.error("an inspection could not be written: %s", error)
        return _refuse(pages, place, own_pass, 503, write_error(error, pages.lang), entry)
    if is_new:
        # Of the person nothing is written: no address, no browser, no text.
        time = dt.datetime.now(pages.city.catalog.zone).isoformat(timespec="seconds")
        grade = entry.grade or "repaired"
        log.info("inspection %s: trail %s, %s, by %s", time, ascii(id_), grade, entry.role)
    # Whoever wrote a number of a person learns that nobody reads it.
    if entry.grade and has_person_marks(entry.text):
        notes.append("cut")
    if _wants_json():
        document = {"written": True, "note": _write_notes(pages, notes)}
        return Response(encode(document), content_type="application/json")
    sent = "-".join(notes) or "1"
    return cast("Response", redirect(f"{_address(pages, id_)}&sent={sent}", 303))


def _write_entry(id_: str, entry: Entry) -> bool:
    """Write the rows of an entry; False where they had been written before.

    Raises
    ------
    DataError
        It says what cannot be, is another than the one that was sent with its key, or cannot be
        written.
    """
    key = f"{id_} {entry.key}"
    ledger = cast("InspectionLedger", current_app.extensions["mapserver-inspection-ledger"])
    try:
        rows = list_rows(current().city, id_, entry)
    except EntryError:
        # What was repaired is no longer open once it is written: its answer was lost on the way.
        if ledger.is_written(key, entry.content):
            return False
        raise
    if not rows:
        return False  # all of it stands in the file already, and the answer says so
    return ledger.append(rows, key, entry.content)


def _write_notes(pages: Edition, notes: Iterable[str]) -> str:
    """Write what whoever sent an entry has to know of it, in the language of the page."""
    texts = REPAIR_NOTES | {"cut": CUT_OUT}
    return " ".join(pages.site.say(texts[note]) for note in notes if note in texts)


# -- answers -------------------------------------------------------------------------------------


def _show_page(  # noqa: PLR0913 -- what the page says
    pages: Edition,
    place: ListedFeature,
    own_pass: Pass,
    entry: Entry,
    *,
    status: int = 200,
    problem: str = "",
) -> Response:
    site, today = pages.site, pages.city.today()
    faults = list_open_faults(pages.city, place.id, today)
    ticks = list_items(pages.city, pages.lang)
    # By this the script tells that an item is ticked as wrong and as repaired.
    values = {recognise_item(tick.cell): item for item, tick in ticks.items()} | {WHOLE: ""}
    content = {
        "place": place,
        "check": site.checks.get(place.id),
        "entry": entry,
        "today": today.isoformat(),
        "mark": _keys().make_form_mark(own_pass),
        "grades": [(grade, *map(site.say, words)) for grade, words in GRADE_BUTTONS.items()],
        "items": [(item, tick.shown) for item, tick in ticks.items()],
        "roles": [(role, site.say(term.label)) for role, term in INSPECTORS.items()],
        "faults": [
            (
                mark_fault(each),
                describe_faults([each], pages.lang),
                each.first_day,
                # What cannot be ticked as wrong is no item of the form.
                values.get(recognise_item(each.item), "none"),
            )
            for each in faults
        ],
        # Rows of one day have no order, so its repair does not open the trail.
        "has_closing_of_today": any(
            each.first_day == today and each.grade == Grade.FORBIDDEN for each in faults
        ),
        "faulty_grades": FAULTY_GRADES,
        "clash": site.say(REPAIRED_AND_WRONG),
        "max_letters": limits.MAX_FINDING_LETTERS,
        "is_sent": "sent" in request.args,
        "note": _write_notes(pages, request.args.get("sent", "").split("-")),
        "problem": problem,
    }
    text = pages.render(f"check/{quote(place.id)}", "inspect.html", content)
    return Response(text, status, content_type=HTML)


def _ask_for_code(
    pages: Edition, place: ListedFeature, *, status: int, problem: str = ""
) -> Response:
    content = {"place": place, "problem": problem}
    text = pages.render(f"check/{quote(place.id)}", "inspect_code.html", content)
    return Response(text, status, content_type=HTML)


def _ask_to_wait(pages: Edition, place: ListedFeature, wait_s: float) -> Response:
    wait = round_wait(wait_s)
    problem = pages.site.say(WAIT_A_MOMENT).format(wait_s=wait)
    response = _ask_for_code(pages, place, status=429, problem=problem)
    response.headers["Retry-After"] = str(wait)
    return response


def _refuse(  # noqa: PLR0913, PLR0917 -- what the answer says
    pages: Edition,
    place: ListedFeature,
    own_pass: Pass | None,
    status: int,
    problem: str,
    entry: Entry | None = None,
) -> Response:
    """Answer that nothing was written and why; the form keeps what was entered."""
    if _wants_json():
        document = {"written": False, "problem": problem}
        response = Response(encode(document), status, content_type="application/json")
    elif own_pass is None:
        response = _ask_for_code(pages, place, status=status, problem=problem)
    else:
        entry = entry or _repeat_entry()
        response = _show_page(pages, place, own_pass, entry, status=status, problem=problem)
    if status == 503:
        response.headers["Retry-After"] = str(limits.UNWRITTEN_RETRY_S)
    return response


def _repeat_entry() -> Entry:
    """Return what was entered as it came, for the form; it is shown and written nowhere."""
    form = request.form
    return Entry(
        key=secrets.token_hex(16),
        grade=form.get("grade", ""),
        role=form.get("by", ""),
        items=tuple(form.getlist("item")),
        text=form.get("finding", "")[: limits.MAX_FINDING_LETTERS],
        repairs=tuple(form.getlist("repaired")),
    )


# -- the request ---------------------------------------------------------------------------------


def _require_trail(pages: Edition, id_: str) -> ListedFeature:
    place = pages.site.places(Role.TRAILS).get(id_)
    if place is None:
        abort(404)
    return place


def _bound_body() -> None:
    """Refuse a body that no form of ours has."""
    size = request.content_length or 0
    require_at_most(size, limits.MAX_INSPECTION_BODY_BYTES, "bytes of a form", "write less")
    request.max_content_length = limits.MAX_INSPECTION_BODY_BYTES
    request.max_form_parts = limits.MAX_INSPECTION_FIELDS


def _is_of_this_site() -> bool:
    """Return whether a form comes from a page of ours, as far as the browser says it."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    own_hosts = {request.host, urlsplit(current().settings.base_url).netloc}
    return origin is None or urlsplit(origin).netloc in own_hosts - {""}


def _wants_json() -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _address(pages: Edition, id_: str) -> str:
    return f"{request.script_root}/check/{quote(id_)}?{pages.query_in(pages.lang, _size())}"


def _size() -> str:
    return "large" if request.args.get("size") == "large" else ""


def _read_pass(id_: str) -> Pass | None:
    return _keys().read_pass(id_, request.cookies.get(COOKIE, ""))


def _keys() -> InspectorKeys:
    return cast("InspectorKeys", current_app.extensions["mapserver-inspector-keys"])


def _tries() -> Tries:
    return cast("Tries", current_app.extensions["mapserver-tries"])
