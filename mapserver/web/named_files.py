"""What pages load under names of its content: map scripts and shops."""

from __future__ import annotations

import threading
from functools import cached_property

from mapserver.model import Role, encode
from mapserver.settings import Settings
from mapserver.web.pages.site import Site
from mapserver.web.responses import IMMUTABLE, Body

SCRIPT = "text/javascript; charset=utf-8"


class NamedFiles:
    """Files of one city in one language that do not depend on the day of a page.

    Maps are drawn without states, which the browser takes from the table of days. So a page of
    another day loads the same files.

    Parameters
    ----------
    site
        What the pages of a city show in a language, on any day.
    settings
        Where tiles come from.
    """

    def __init__(self, site: Site, settings: Settings) -> None:
        self.city = site.city
        self.lang = site.lang
        self._site = site
        self._settings = settings
        self._scripts: dict[str, Body] = {}
        self._lock = threading.RLock()

    def render_map(self, color: str = "") -> Body:
        """Render the script that Folium writes for the map.

        Parameters
        ----------
        color
            A measure that colours the neighbourhoods; empty for none.
        """
        with self._lock:
            if color not in self._scripts:
                from mapserver.drawing import maps  # noqa: PLC0415 -- folium; see web/warming

                public_map = maps.build_map(
                    self.city,
                    lang=self.lang,
                    color=color or None,
                    web=maps.WebOptions(
                        tile_url=self._settings.tile_url,
                        tile_attribution=self._settings.tile_attribution,
                        fetched=[layer] if (layer := self.city.layer_of(Role.SHOPS)) else [],
                        is_for_residents=True,
                        has_states=False,
                    ),
                )
                text = maps.render_script(public_map).encode()
                self._scripts[color] = Body(text, SCRIPT, IMMUTABLE)
            return self._scripts[color]

    def name_map(self, color: str = "") -> str:
        """Return the address of that script below the root of the site."""
        return self._name_script(self.render_map(color))

    def _name_script(self, script: Body) -> str:
        return f"map-{script.digest}.{self.lang}.js"

    @cached_property
    def shops(self) -> Body:
        """All shops as compact JSON, fetched when a visitor wants them."""
        # A city whose shops and districts are as they were has the same, and compressed already.
        city = self.city
        return city.derived.get(
            ("shops", self.lang),
            (city.shops, city.districts),
            lambda: Body(encode(self._site.shops.map_table), "application/json", IMMUTABLE),
        )

    @property
    def shops_name(self) -> str:
        """Address of the shops below the root of the site; empty when there are none."""
        if not self._site.count_features(Role.SHOPS):
            return ""
        return f"shops-{self.shops.digest}.{self.lang}.json"

    def find(self, name: str) -> Body | None:
        """Find a file by the name that a page gave."""
        if name.startswith("shops-"):
            return self.shops if name == self.shops_name else None
        scripts = list(self._scripts.values())
        return next((script for script in scripts if self._name_script(script) == name), None)

    def is_free(self) -> bool:
        """Return whether no other thread makes a file just now."""
        if free := self._lock.acquire(blocking=False):
            self._lock.release()
        return free

    @property
    def size_bytes(self) -> int:
        """Bytes that the files take, compressed twins included."""
        bodies = [*self._scripts.values()]
        bodies += [self.shops] if "shops" in self.__dict__ else []
        return sum(body.size_bytes for body in bodies)
