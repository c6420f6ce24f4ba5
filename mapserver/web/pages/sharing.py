"""What messengers read of a page (Open Graph, Twitter): which picture, of which page, in words."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from babel.core import get_global

from mapserver.drawing.card import HEIGHT_PX, WIDTH_PX
from mapserver.model import ROLES
from mapserver.text.languages import LANGUAGES
from mapserver.web.addresses import addresses
from mapserver.web.pages.card_contents import describe_picture
from mapserver.web.pages.listed import ListedFeature
from mapserver.web.pages.site import Site
from mapserver.web.roots import ROOT

CITY = "city"
"""Name of the card of the whole city, which all pages have that are about no one thing."""


@dataclass(frozen=True, slots=True)
class SharedPage:
    """What the head of a page says to messengers.

    Attributes
    ----------
    url, image
        Whole addresses of the page and of its card; empty where that of the site is not known.
    alt
        What the card shows, in words.
    locale, other_locales
        Language of the page and of its twins, as Open Graph writes them: ``ko_KR``.
    width_px, height_px
        Size of the card.
    """

    url: str
    image: str
    alt: str
    locale: str
    other_locales: tuple[str, ...]
    width_px: int = WIDTH_PX
    height_px: int = HEIGHT_PX


def describe_page(site: Site, path: str, base_url: str) -> SharedPage:
    """Return what messengers are told of a page.

    Parameters
    ----------
    site
        The pages of the city in one language.
    path
        Path of the page below the root of the site, quoted.
    base_url
        Public address of the site without a trailing slash. Where it is empty, a server writes
        ``ROOT``, which the address of each request replaces, and files have no addresses.
    """
    root = base_url or ("" if addresses().is_static else ROOT)
    place = find_place(site, unquote(path))
    name = CITY if place is None else f"{_find_folder(site, place)}/{quote(place.id, safe='')}"
    card = f"cards/{site.city.version}/{site.lang}/{name}.png"
    others = [lang for lang in site.city.catalog.page_languages if lang != site.lang]
    return SharedPage(
        # Of a static site, both are led to its files when its pages are rewritten.
        url=root and f"{root}/{path}?lang={site.lang}",
        image=root and f"{root}/{card}",
        alt=describe_picture(site, place),
        locale=_name_locale(site.lang),
        other_locales=tuple(map(_name_locale, others)),
    )


def find_place(site: Site, path: str) -> ListedFeature | None:
    """Find the feature that a page is about; None where it is about no one feature.

    Parameters
    ----------
    site
        The pages of the city.
    path
        Path of the page below the root of the site, not quoted; what follows the id, as
        ``/poster`` does, is another page about the same.
    """
    folder, _, id_ = path.partition("/")
    role = ROLES.get(folder)
    if role is None or not role.row.has_pages:
        return None
    places = site.places(role)
    return places.get(id_) or places.get(id_.removesuffix("/poster"))


def _find_folder(site: Site, place: ListedFeature) -> str:
    return str(site.city.entry(place.layer).role)


def _name_locale(lang: str) -> str:
    """Return a language with its likeliest territory, as Open Graph writes a locale: ``ko_KR``."""
    locale = LANGUAGES[lang].cldr
    likely = get_global("likely_subtags").get(lang, "")
    territory = locale.territory or likely.rpartition("_")[2]
    return f"{locale.language}_{territory}" if territory else lang
