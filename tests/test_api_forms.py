"""Forms of the API in a browser: what cannot be asked is said below its field."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from browsing import DESK, PHONE, needs_chromium, serving

pytestmark = needs_chromium

ITEMS = "/api/collections/trails/items"
SEND = ".api-form button[type=submit]"
REFUSED = "the server responded with a status of 4"
"""The browser's own note of an answer, which is no fault of the page."""


@pytest.fixture
def fill_in(visit, sample_url):
    """Open a form, type into it, and send it."""
    visits = []

    def fill(path: str, typed: dict[str, str], window=DESK, **options):
        seen = visit(f"{sample_url}{path}", window, **options)
        visits.append(seen)
        if seen.page.locator("details:not([open]) .api-form").count():
            seen.page.locator("details:has(.api-form) summary").click()
        for name, text in typed.items():
            seen.page.locator(f".api-form .field [name={name}]").fill(text)
        seen.page.locator(SEND).click()
        return seen

    yield fill
    for seen in visits:
        seen.faults[:] = [fault for fault in seen.faults if REFUSED not in fault]


def read_refusal(seen) -> str:
    seen.page.wait_for_selector(".refusal")
    return seen.page.inner_text("[role=alert].refusal")


def read_query(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


@pytest.mark.parametrize(
    ("address", "typed", "words"),
    [
        (f"{ITEMS}?", {"filter": "이름 = '짚봉산'"}, "there is no property 이름"),
        (f"{ITEMS}?", {"bbox": "1,2,3"}, "a box has 4 or 6 numbers"),
        (f"{ITEMS}?", {"limit": "1.5"}, "'1.5' is not a whole number"),
        (f"{ITEMS}?datetime=2026-12-20/..&", {"datetime": "soon"}, "'soon' is not a day"),
        ("/api/nearest?", {"lon": "126.8", "lat": "35.1", "limit": "2.5"}, "'2.5' is not"),
    ],
)
@pytest.mark.parametrize("window", [PHONE, DESK], ids=["phone", "desk"])
def test_what_cannot_be_asked_is_said_below_its_field(fill_in, address, typed, words, window):
    seen = fill_in(f"{address}f=html&lang=ko", typed, window)
    assert words in read_refusal(seen)
    page = seen.page
    assert page.url.endswith(f"{address}f=html&lang=ko")
    for each, text in typed.items():
        assert page.input_value(f".api-form .field [name={each}]") == text
    field = page.locator(f".field [name={list(typed)[-1]}]")
    assert field.evaluate("field => field === document.activeElement")
    assert page.locator("[aria-invalid=true]").count() == 1
    assert field.get_attribute("aria-invalid") == "true"
    described = field.get_attribute("aria-describedby").split()
    assert described[0] == page.locator(".field:has(:focus) .refusal").get_attribute("id")
    assert page.locator(", ".join(f"#{id_}" for id_ in described)).count() == len(described)
    assert page.locator(".refusal").evaluate(
        "message => message.getBoundingClientRect().bottom <= innerHeight"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= window["width"]


def test_a_refusal_is_in_the_language_of_the_page_and_says_where_it_is_not(fill_in):
    typed = {"filter": "nix = 1"}
    korean = fill_in(f"{ITEMS}?f=html&lang=ko", typed)
    assert read_refusal(korean).startswith(
        "이 값은 쓸 수 없습니다. filter: there is no property nix"
    )
    marked = korean.page.inner_text(".refusal [lang=en]")
    assert marked.startswith("filter: there is no property nix")
    english = fill_in(f"{ITEMS}?f=html&lang=en", typed)
    assert read_refusal(english) == marked
    assert english.page.locator(".refusal [lang]").count() == 0


def test_a_form_with_a_refusal_breaks_no_rule_of_axe(fill_in):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 -- with Chromium only

    for scheme in ("light", "dark"):
        seen = fill_in(f"{ITEMS}?f=html&lang=ko", {"bbox": "x"}, color_scheme=scheme)
        read_refusal(seen)
        answer = Axe().run(seen.page).response
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in answer["violations"]] == []


def test_the_question_asked_first_has_a_small_answer_and_no_blank_fields(fill_in):
    seen = fill_in(f"{ITEMS}?f=html&lang=ko", {"filter": "length_m > 300", "limit": "3"})
    seen.page.wait_for_url("**filter=length_m*")
    [asked] = [each for each in seen.requests if "limit=1&" in f"{each}&"]
    assert read_query(asked) == {"lang": "ko", "limit": "1", "filter": "length_m > 300"}
    assert read_query(seen.page.url)["limit"] == "3"
    assert seen.page.locator(".data tbody tr").count() == 3


def test_what_is_mended_is_answered_and_the_refusal_is_gone(fill_in):
    seen = fill_in(f"{ITEMS}?f=html&lang=ko", {"filter": "nix = 1"})
    read_refusal(seen)
    seen.page.fill("[name=filter]", "")
    seen.page.fill("[name=bbox]", "1,2,3")
    seen.page.locator(SEND).click()
    seen.page.wait_for_selector("[name=bbox][aria-invalid]")
    assert seen.page.locator(".refusal").count() == 1
    assert seen.page.locator("[name=filter]").get_attribute("aria-describedby") == "h-filter"
    seen.page.fill("[name=bbox]", "126,35,127,36")
    seen.page.locator(SEND).click()
    seen.page.wait_for_url("**bbox=126*")
    assert seen.page.locator(".data tbody tr").count() == 32


def test_what_is_about_no_field_stands_above_the_button(fill_in, sample_url):
    too_long = fill_in(f"{ITEMS}?f=html&lang=ko", {"filter": f"name = '{'가' * 20_000}'"})
    assert read_refusal(too_long).startswith("너무 길어서")
    seen = fill_in(f"{ITEMS}?f=html&lang=ko", {"filter": "nix = 1"})
    read_refusal(seen)
    detail = "ask again in 3 seconds"
    seen.page.route(
        "**/items?*",
        lambda route: route.fulfill(
            status=429, content_type="application/problem+json", body=json.dumps({"detail": detail})
        ),
    )
    seen.page.locator(SEND).click()
    seen.page.wait_for_selector(".api-form > .refusal")
    assert read_refusal(seen) == f"이대로는 답할 수 없습니다. {detail}"
    assert seen.page.locator("[aria-invalid]").count() == 0
    assert seen.page.url == f"{sample_url}{ITEMS}?f=html&lang=ko"


@pytest.mark.parametrize("fault", ["no network", "a mistake of the server", "a page of a gateway"])
def test_the_browser_goes_on_where_nobody_says_what_is_wrong(visit, sample_url, fault):
    seen = visit(f"{sample_url}{ITEMS}?f=html&lang=ko&filter=length_m>1", DESK)

    def answer(route):
        if route.request.resource_type != "fetch":
            route.continue_()
        elif fault == "no network":
            route.abort()
        else:
            is_mistake = fault.startswith("a mistake")
            kind = "application/problem+json" if is_mistake else "text/html"
            route.fulfill(status=500 if is_mistake else 403, content_type=kind, body="{}")

    seen.page.route("**/items?*", answer)
    seen.page.fill("[name=filter]", "length_m > 2")
    seen.page.locator(SEND).click()
    seen.page.wait_for_url("**filter=length_m+%3E+2")
    seen.faults[:] = [each for each in seen.faults if "Failed to load resource" not in each]


def test_a_column_called_as_a_member_of_a_form_is_in_nobodys_way(visit, make_folder):
    rows = "".join(f"{n},점 {n},126.85,35.15,{'ab'[n % 2]},{'cd'[n % 2]}\n" for n in range(6))
    folder = make_folder({"layers/spots.csv": "id,name,lon,lat,submit,action\n" + rows})
    with serving(folder) as url:
        seen = visit(f"{url}/api/collections/spots/items?f=html&lang=ko", DESK)
        seen.page.locator("details:has(.api-form) summary").click()
        assert seen.page.locator("select[name=submit], select[name=action]").count() == 2
        seen.page.select_option("[name=action]", "c")
        seen.page.locator(SEND).click()
        seen.page.wait_for_url("**action=c*")
        assert seen.page.locator(".data tbody tr").count() == 3


def test_without_a_script_and_for_programs_a_refusal_is_a_problem(fill_in, sample_app):
    seen = fill_in(f"{ITEMS}?f=html&lang=ko", {"filter": "nix = 1"}, java_script_enabled=False)
    seen.page.wait_for_url("**filter=nix*")
    client = sample_app.test_client()
    for path, status in ((seen.page.url, 400), ("/api/collections/nix", 404)):
        answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": "ko"})
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert "there is no" in answer.json["detail"]  # in English, as for each city
