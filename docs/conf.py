"""How the documentation is built: chapters in Markdown, and a reference from the docstrings."""

import enum
import inspect

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import mapserver
from mapserver.drawing.figures import area_map

project = "Maenballo"
author = "The Maenballo developers"
copyright = author
version = release = mapserver.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
]
templates_path = ["templates"]
exclude_patterns = ["templates"]
myst_heading_anchors = 3

# -- the reference -------------------------------------------------------------------------------

autodoc_default_options = {
    "members": True,
    "member-order": "bysource",
    "exclude-members": "set",  # matplotlib's, of every figure
}
autodoc_typehints = "description"  # types stand beside the parameters, signatures stay short
autodoc_typehints_description_target = "documented"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True  # as written in the code
autodoc_type_aliases = {
    "Floats": "ndarray",
    "Geometries": "ndarray",
    "Positions": "ndarray",
    "npt.ArrayLike": "ArrayLike",
}
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 72
add_module_names = False
autosummary_generate = True
autosummary_ignore_module_all = False  # a package documents what it offers, wherever it is written
napoleon_google_docstring = False
napoleon_use_ivar = True
strip_signature_backslash = True  # id_ is a name, and no link

# Names of other packages have no place here that one could be led to, and nothing is fetched.
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!mapserver\.).*")]

# -- how it looks --------------------------------------------------------------------------------

html_theme = "furo"
html_title = "Maenballo"
html_copy_source = False
html_show_sourcelink = False


# Sphinx looks for the default of each parameter in the head of the function, which has **options:
# in the reference it stands as there, and the docstring explains the options one by one.
del vars(area_map)["__signature__"]


def find_where_it_is_offered(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, text: nodes.Element
) -> nodes.Element | None:
    """Link what a package offers from another module, under the name that it is offered by.

    A type beside a parameter may be no business of callers, and stays text. What the words of a
    docstring point to has to be there.
    """
    target = str(node.get("reftarget", ""))
    if node.get("refdomain") != "py" or not target.startswith("mapserver."):
        return None
    last = target.rpartition(".")[2]
    known = [name for name in env.domains["py"].objects if name.rpartition(".")[2] == last]
    if len(known) != 1:
        return None if isinstance(text, nodes.literal) else text
    domain, role = env.domains["py"], node["reftype"]
    return domain.resolve_xref(env, node.get("refdoc", ""), app.builder, role, known[0], node, text)


def hide_how_it_is_made(
    app: Sphinx, what: str, name: str, obj: object, options: object, signature: str, returns: str
) -> tuple[str, str] | None:
    """Show no parameters of a class that is made by a function."""
    return ("", "") if name == "mapserver.City" else None


def name_attributes_one_by_one(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Write ``lon, lat`` of a section of attributes as two; napoleon takes them for a type."""
    if "Attributes" not in lines:
        return
    at = lines.index("Attributes") + 2
    while at < len(lines) and lines[at : at + 2][-1].strip("-"):
        names = lines[at].split(", ")
        end = at + 1
        while end < len(lines) and (not lines[end] or lines[end][0].isspace()):
            end += 1
        if lines[at] and len(names) > 1:
            lines[at:end] = [line for each in names for line in (each, *lines[at + 1 : end])]
            end = at + len(names) * (end - at)
        at = end


def list_values(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Name the values of an enumeration."""
    if isinstance(obj, type) and issubclass(obj, enum.Enum):
        # An empty text cannot be seen between the signs of a literal.
        values = ", ".join(f"``{member.value}``" if member.value else "nothing" for member in obj)
        lines += ["", f"One of {values}."]


def keep_sentences(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Leave a property its sentence; napoleon takes what stands before a colon for a type."""
    sentences = inspect.getdoc(obj)
    if what == "property" and sentences and "\n---" not in sentences:
        lines[:] = [*sentences.splitlines(), ""]


def setup(app: Sphinx) -> None:
    """Hang in what is done while building."""
    app.connect("missing-reference", find_where_it_is_offered)
    app.connect("autodoc-process-signature", hide_how_it_is_made)
    app.connect("autodoc-process-docstring", name_attributes_one_by_one, priority=400)
    app.connect("autodoc-process-docstring", list_values)
    app.connect("autodoc-process-docstring", keep_sentences, priority=600)
