"""XML from elements: text from files stays text, and what XML cannot hold becomes U+FFFD."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, register_namespace

__all__ = [
    "Element",
    "add_child",
    "encode_document",
    "make_root",
    "register_namespace",
    "replace_forbidden",
]

# Control characters, surrogates and the two that are no letters: XML 1.0, production 2.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def replace_forbidden(text: str) -> str:
    """Replace each character that XML 1.0 does not allow by U+FFFD."""
    return FORBIDDEN.sub("\ufffd", text)


def make_root(tag: str, attributes: Mapping[str, object] | None = None) -> Element:
    """Make the root element of a document."""
    clean_attributes = {
        key: replace_forbidden(str(value)) for key, value in (attributes or {}).items()
    }
    return ElementTree.Element(tag, clean_attributes)


def add_child(
    parent: Element, tag: str, text: object = None, attributes: Mapping[str, object] | None = None
) -> Element:
    """Add a child; its text and attributes are escaped when it is written."""
    clean_attributes = {
        key: replace_forbidden(str(value)) for key, value in (attributes or {}).items()
    }
    child = ElementTree.SubElement(parent, tag, clean_attributes)
    if text is not None:
        child.text = replace_forbidden(str(text))
    return child


def encode_document(document_root: Element, *, indented: bool = True) -> bytes:
    """Write a document in UTF-8 with its declaration."""
    if indented:
        ElementTree.indent(document_root, space=" ")
    return bytes(ElementTree.tostring(document_root, encoding="UTF-8", xml_declaration=True))
