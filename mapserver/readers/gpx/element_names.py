"""Which elements of a GPX file are read, and under which names: prefixes are the file's choice."""

from __future__ import annotations

# What is read, by the element that holds it; all else is passed over with all that is in it.
CONTENT = {
    "gpx": {"metadata", "name", "wpt", "rte", "trk"},
    "trk": {"name", "cmt", "desc", "type", "trkseg"},
    "rte": {"name", "cmt", "desc", "type", "rtept"},
    "trkseg": {"trkpt"},
    "wpt": {"ele", "time", "name", "cmt", "desc", "sym", "type"},
    "rtept": {"ele", "time"},
    "trkpt": {"ele", "time"},
}

GPX_NAMESPACES = frozenset(f"http://www.topografix.com/GPX/{version}" for version in ("1/0", "1/1"))


class ElementNames:
    """The names of elements that are read where the parser is.

    A prefix may be declared by any element, for itself and what is in it.

    Attributes
    ----------
    expected
        For each element that holds others, the tags that are read in it by their names with a
        prefix.
    depth
        Depth of the innermost element that declares namespaces; 0 for none.
    """

    def __init__(self) -> None:
        self.expected: dict[str, dict[str, str]] = {}
        self.depth = 0
        self._root_prefix = ""
        self._gpx_namespaces = GPX_NAMESPACES
        self._prefixes: frozenset[str] = frozenset()
        # Of each element that declares namespaces its depth, and all that hold within it.
        self._scopes: list[tuple[int, dict[str, str]]] = [(0, {})]

    def set_root(self, name: str) -> None:
        """Set the name of the root: its prefix and its namespace are those of GPX in this file."""
        self._root_prefix = name.rpartition(":")[0]
        namespace = self._scopes[-1][1].get(self._root_prefix)
        self._gpx_namespaces = GPX_NAMESPACES | ({namespace} if namespace else frozenset())
        self._update()

    def declare(self, attributes: dict[str, str], depth: int) -> None:
        """Add the namespaces that an element at a depth declares."""
        declared = {
            name.partition(":")[2]: value
            for name, value in attributes.items()
            if name == "xmlns" or name.startswith("xmlns:")
        }
        self._scopes.append((depth, self._scopes[-1][1] | declared))
        self.depth = depth
        self._update()

    def forget(self) -> None:
        """Forget the namespaces of the innermost element that declares some."""
        self._scopes.pop()
        self.depth = self._scopes[-1][0]
        self._update()

    def _update(self) -> None:
        namespaces = self._scopes[-1][1]
        prefixes = {prefix for prefix, uri in namespaces.items() if uri in self._gpx_namespaces}
        prefixes.add(self._root_prefix)
        # Extensions declare their own namespaces, often for each point: then nothing changes.
        if self.expected and prefixes == self._prefixes:
            return
        self._prefixes = frozenset(prefixes)
        self.expected = {
            holder: {
                f"{prefix}:{tag}" if prefix else tag: tag for tag in tags for prefix in prefixes
            }
            for holder, tags in CONTENT.items()
        }
