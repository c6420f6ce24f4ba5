"""What changed in the catalogue: what it says to residents, and what decides states of trails.

Compared is what the program understood, and not how it is written: a time zone that is given where
it was the default, or a telephone number with other hyphens, is no change. Where files lie, in
which coordinates and columns, is for the program alone; what follows from it is seen in the layers.
"""

from __future__ import annotations

from collections.abc import Iterator

from mapserver.analysis.city_changes import Change, Value
from mapserver.model import Catalog, LayerEntry, Role, Snapshot, Title, Words, simplify_station
from mapserver.text.languages import LANGUAGES

SUBJECT = "catalog"
"""What changes of the whole city's settings are about."""
SURFACE_CLASSES = ("natural", "low", "high")
"""The classes of surfaces that have a rule for rain each, as the catalogue calls them."""


def compare_catalogs(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    """List what the catalogue of a city says otherwise than before, but for its layers."""
    # A city without a title has that of its folder, which is another one for each release.
    if not (_has_title_of_folder(old) and _has_title_of_folder(new)):
        yield from _compare_titles(old.catalog.title, new.catalog.title, Change(SUBJECT, "changed"))
    yield from _compare_titles(
        old.catalog.basemap.attribution,
        new.catalog.basemap.attribution,
        Change(SUBJECT, "changed", attribute="basemap"),
    )
    before, after = _list_settings(old.catalog), _list_settings(new.catalog)
    # The same names stand in both, since a setting that is not given has its default.
    for name in sorted(before.keys() | after.keys()):
        values = before.get(name), after.get(name)
        if _simplify(name, values[0]) != _simplify(name, values[1]):
            yield Change(SUBJECT, "changed", attribute=name, before=values[0], after=values[1])


def compare_entries(old: LayerEntry, new: LayerEntry) -> Iterator[Change]:
    """List what the catalogue says of a layer that both states have, as far as people see it."""
    role = "" if new.role == Role.LAYER else str(new.role)
    change = Change(new.id, "changed", role=role)
    yield from _compare_titles(old.title, new.title, change)
    yield from _compare_titles(
        old.source, new.source, Change(new.id, "changed", role=role, attribute="source")
    )
    for name, before, after in (
        ("licence", old.licence or None, new.licence or None),
        ("sample", _write_flag(old.sample), _write_flag(new.sample)),
        ("style", _write_style(old), _write_style(new)),
    ):
        if before != after:
            yield Change(new.id, "changed", role=role, attribute=name, before=before, after=after)


def _has_title_of_folder(city: Snapshot) -> bool:
    return city.catalog.title == Title(city.path.resolve().name)


def _compare_titles(old: Title, new: Title, change: Change) -> Iterator[Change]:
    """Compare texts in several languages: once where all say the same, else by language."""
    pairs = {
        lang: (old.in_language(lang) or None, new.in_language(lang) or None) for lang in LANGUAGES
    }
    attribute = change.attribute or "title"
    is_one = len(set(pairs.values())) == 1
    for lang, (before, after) in pairs.items():
        if before != after:
            name = attribute if is_one else f"{attribute}.{lang}"
            yield Change(
                change.subject,
                "changed",
                role=change.role,
                attribute=name,
                before=before,
                after=after,
            )
            if is_one:
                return


def _list_settings(catalog: Catalog) -> dict[str, Value]:
    """List what a catalogue settles for a city, by name; what is not given has its default."""
    links = catalog.map_links
    return {
        "languages": ", ".join(catalog.languages),
        "time_zone": str(catalog.zone),
        "map_links": None if links is None else ", ".join(links),
        "direct_line": catalog.direct_line or None,
        "check_days": float(catalog.check_days),
        "smallest_count": float(catalog.smallest_count),
        **_list_rain_settings(catalog),
        **_list_words(catalog.words),
    }


def _list_rain_settings(catalog: Catalog) -> dict[str, Value]:
    """List the rules for rain, which close trails or announce it: ``rain.high.mm`` and so on."""
    rain = catalog.rain
    settings: dict[str, Value] = {
        "rain.station": simplify_station(rain.station) or None,
        "rain.blank_is_none": _write_flag(rain.blank_is_none),
        "rain.hours_end": _write_flag(rain.hours_end),
    }
    for name in SURFACE_CLASSES:
        rule = getattr(rain, name)
        if rule is not None:
            settings |= {
                f"rain.{name}.mm": float(rule.mm),
                f"rain.{name}.days": float(rule.days),
                f"rain.{name}.closes": _write_flag(rule.closes),
                f"rain.{name}.source": rule.source,
            }
    return settings


def _list_words(words: Words) -> dict[str, Value]:
    """List what a city calls its things, one and many, in each language that it says."""
    settings: dict[str, Value] = {}
    for noun in words.__struct_fields__:
        word = getattr(words, noun)
        if word is not None:
            for code, singular in word.singular.items():
                name = f"words.{noun}.{code}" if code else f"words.{noun}"
                settings[name] = ", ".join(dict.fromkeys((singular, word.plural[code])))
    return settings


def _simplify(name: str, value: Value) -> Value:
    """Return a setting as two of them are compared: of a number that is called, its digits."""
    if name == "direct_line" and isinstance(value, str):
        return value.replace("-", "")
    return value


def _write_flag(is_set: bool) -> str:
    return "yes" if is_set else "no"


def _write_style(entry: LayerEntry) -> str:
    style = entry.style
    return " ".join(filter(None, (style.color, style.fill, style.dash)))
