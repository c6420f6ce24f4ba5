"""Open311 GeoReport v2, as far as it is honest: what one can write about, and no message at all.

A request of Open311 is the message of one person. None of them is in a city folder, so the list of
requests is empty, and none is taken here: messages go to the direct line, by telephone. The figures
are at ``/statistics``. (GeoReport v2 and Service Discovery, open311.org.)
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from flask import Blueprint, Response, request

from mapserver.analysis.city_messages import has_messages, tabulate_messages
from mapserver.errors import N_, fill
from mapserver.model import encode, make_slug
from mapserver.web.accepted import read_types
from mapserver.web.live import current
from mapserver.web.responses import Body, send
from mapserver.web.served_city import ServedCity
from mapserver.writers.xml import add_child, encode_document, make_root, replace_forbidden

blueprint = Blueprint("open311", __name__, url_prefix="/open311")

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
XML, JSON = "text/xml", "application/json"
TYPES = {"xml": XML, "json": JSON}
ITEMS = {"services": "service", "service_requests": "request", "errors": "error"}
ITEMS |= {"endpoints": "endpoint", "formats": "format"}
"""What the elements of a list are called in XML; in JSON a list is a list."""


@blueprint.get("/discovery", defaults={"form": ""})
@blueprint.get("/discovery.<form>")
def send_discovery(form: str) -> Response:
    """Send where the service is, in which formats, and since when it is as it is."""
    served = current().snapshot
    if refusal := _refuse_unknown(served, form):
        return refusal
    catalog = served.city.catalog
    root = current().settings.base_url or request.url_root.rstrip("/")
    # The time of the data with the zone of the city, as the standard wants it.
    changeset = served.changed_at.astimezone(catalog.zone).isoformat(timespec="seconds")
    contact = " ".join(filter(None, (str(catalog.title), catalog.direct_line)))
    endpoint = {
        "specification": SPECIFICATION,
        "url": f"{root}/open311",
        "changeset": changeset,
        "type": "production",
        "formats": [XML, JSON],
    }
    content = {
        "changeset": changeset,
        "contact": contact,
        "key_service": _say(served, N_("No key is needed, and no message is taken here.")),
        "endpoints": [endpoint],
    }
    return _send_document("discovery", content, form)


@blueprint.get("/services", defaults={"form": ""})
@blueprint.get("/services.<form>")
def send_services(form: str) -> Response:
    """Send the categories of messages: no id is returned, which the standard calls blackbox."""
    served = current().snapshot
    if refusal := _refuse_unknown(served, form):
        return refusal
    root = current().settings.base_url or request.url_root.rstrip("/")
    text = _say(served, N_("Messages go to the direct line. Figures: {address}"))
    description = fill(text, {"address": f"{root}/statistics"})
    services = [
        {
            "service_code": code,
            "service_name": name,
            "description": description,
            "metadata": "false",
            "type": "blackbox",
            "keywords": "",
            "group": "",
        }
        for code, name in _list_services(served).items()
    ]
    return _send_document("services", services, form)


@blueprint.get("/requests", defaults={"form": ""})
@blueprint.get("/requests.<form>")
def send_requests(form: str) -> Response:
    """Send the list of messages, which is empty: no message of a person is kept or shown."""
    return _refuse_unknown(current().snapshot, form) or _send_document("service_requests", [], form)


@blueprint.post("/requests", defaults={"form": ""})
@blueprint.post("/requests.<form>")
def refuse_request(form: str) -> Response:
    """Refuse a message: nothing is taken here, so nobody believes that it has arrived."""
    served = current().snapshot
    text = _say(served, N_("Messages are not taken here. Write to the direct line by telephone."))
    return _refuse_unknown(served, form) or _send_error(403, text, form)


@blueprint.get("/requests/<id_>")
@blueprint.get("/services/<id_>")
@blueprint.get("/tokens/<id_>")
def refuse_item(id_: str) -> Response:
    """Say that there is no such message, or that a category has no questions of its own."""
    form = id_.rpartition(".")[2] if id_.endswith((".xml", ".json")) else ""
    text = _say(current().snapshot, N_("There is no such thing here."))
    return _send_error(404, text, form)


def _refuse_unknown(served: ServedCity, form: str) -> Response | None:
    """Refuse what a city without a direct line does not have, and formats that there are not."""
    if has_messages(served.city) and form in {"", *TYPES}:
        return None
    return _send_error(404, _say(served, N_("There is no such thing here.")), form)


def _say(served: ServedCity, text: str) -> str:
    city = served.city
    return city.phrases(city.catalog.default_language).say(text)


def _list_services(served: ServedCity) -> dict[str, str]:
    """List the categories that are published, by a code of ASCII letters."""
    figures = tabulate_messages(served.city)
    names: list[str] = []
    if figures is not None:
        names = list(figures["category"][figures["table"] == "category"])
    services: dict[str, str] = {}
    for name in dict.fromkeys(name for name in names if name):
        code = base = make_slug(name) or "category"
        # Two names may have one slug; the order of names is that of the figures, so codes stay.
        while code in services:
            code = f"{base}-{len(services) + 1}"
        services[code] = name
    return services


def _send_error(status: int, description: str, form: str) -> Response:
    """Send an error as the standard has it."""
    return _send_document("errors", [{"code": status, "description": description}], form, status)


def _send_document(name: str, content: Any, form: str, status: int = 200) -> Response:
    """Send a document as XML or JSON: by the ending of its address, else as is accepted."""
    accepted = request.headers.get("Accept", "") or XML
    mimetype = TYPES.get(form) or read_types(accepted).best_match([XML, JSON]) or XML
    if mimetype == XML:
        data = encode_document(_make_element(name, content))
    else:
        data = encode({name: content} if name == "discovery" else content)
    body = Body(data, f"{mimetype}; charset=utf-8", kept=False)
    response = send(body, request, status=status)
    if status != 200:
        response.headers["Cache-Control"] = "no-store"
    if not form:
        response.vary.add("Accept")
    return response


def _make_element(name: str, content: Any) -> Element:
    """Make the element of a document: members are elements, texts of files are text."""
    element = make_root(name)
    _fill_element(element, name, content)
    return element


def _fill_element(element: Element, name: str, content: Any) -> None:
    if isinstance(content, dict):
        for key, value in content.items():
            _fill_element(add_child(element, key), key, value)
    elif isinstance(content, list):
        for item in content:
            _fill_element(add_child(element, ITEMS[name]), ITEMS[name], item)
    else:
        element.text = replace_forbidden(str(content))
