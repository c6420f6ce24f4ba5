"""XML from elements: text from files is text, and what XML has no letter for is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

__all__ = ["Element", "add", "clean", "document", "register_namespace"]

# Control characters, surrogates and the two that are no letters: XML 1.0, production 2.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Put a replacement sign where XML 1.0 allows no such character."""
    return FORBIDDEN.sub("\ufffd", text)


def add(
    parent: Element, tag: str, text: object = None, attributes: Mapping[str, object] | None = None
) -> Element:
    """Add a child; its text and attributes are escaped when it is written."""
    said = {key: clean(str(value)) for key, value in (attributes or {}).items()}
    child = SubElement(parent, tag, said)
    if text is not None:
        child.text = clean(str(text))
    return child


def document(root: Element, *, indented: bool = True) -> bytes:
    """Write a document in UTF-8 with its declaration."""
    if indented:
        indent(root, space=" ")
    return bytes(tostring(root, encoding="UTF-8", xml_declaration=True))
