"""XML from elements: text from files is text, and what XML has no letter for is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, register_namespace

__all__ = ["Element", "add", "clean", "document", "register_namespace", "root"]

# Control characters, surrogates and the two that are no letters: XML 1.0, production 2.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Put a replacement sign where XML 1.0 allows no such character."""
    return FORBIDDEN.sub("\ufffd", text)


def root(tag: str, attributes: Mapping[str, object] | None = None) -> Element:
    """Begin a document."""
    said = {key: clean(str(value)) for key, value in (attributes or {}).items()}
    return ElementTree.Element(tag, said)


def add(
    parent: Element, tag: str, text: object = None, attributes: Mapping[str, object] | None = None
) -> Element:
    """Add a child; its text and attributes are escaped when it is written."""
    said = {key: clean(str(value)) for key, value in (attributes or {}).items()}
    child = ElementTree.SubElement(parent, tag, said)
    if text is not None:
        child.text = clean(str(text))
    return child


def document(whole: Element, *, indented: bool = True) -> bytes:
    """Write a document in UTF-8 with its declaration."""
    if indented:
        ElementTree.indent(whole, space=" ")
    return bytes(ElementTree.tostring(whole, encoding="UTF-8", xml_declaration=True))
