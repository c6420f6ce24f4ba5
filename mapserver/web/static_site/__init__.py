"""The whole public site as static files, for any web host or CDN.

The pages are those of the application: each is asked for once, and its links are written anew so
that they lead to files. Korean lies at the root, English below ``en/``. States and offers of a day
are put in by the browser, from the table of :mod:`mapserver.web.pages.days`.
"""

from mapserver.web.static_site.writing import WrittenSite, write_site

__all__ = ["WrittenSite", "write_site"]
