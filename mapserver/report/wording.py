"""Render the text cells of a notebook: from Markdown to a title and to safe HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")

TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "em", "strong", "code", "pre", "a"),
    *("ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "caption"),
    *("sub", "sup", "b", "i", "u", "s", "kbd", "dl", "dt", "dd", "span", "div", "small"),
}
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "em": {"lang"},
}
SCHEMES = {"http", "https", "mailto", "tel", "data"}

Attachments = Mapping[str, Mapping[str, str]]
"""Pictures of a cell by name: base64 by media type."""


class _Renderer(RendererHTML):
    """A renderer of bilingual cells: an English line in italics below the Korean one."""

    def softbreak(self, tokens: Sequence[Token], idx: int, _options: Any, _env: Any) -> str:
        next_type = tokens[idx + 1].type if idx + 1 < len(tokens) else ""
        return "<br>\n" if next_type == "em_open" else "\n"

    def em_open(self, tokens: Sequence[Token], idx: int, _options: Any, _env: Any) -> str:
        end = next(n for n in range(idx, len(tokens)) if tokens[n].type == "em_close")
        has_hangul = HANGUL.search("".join(token.content for token in tokens[idx:end]))
        return "<em>" if has_hangul else '<em lang="en">'


_MARKDOWN = MarkdownIt("commonmark", {"html": True}, renderer_cls=_Renderer)
_MARKDOWN.enable(["table", "strikethrough"])


def split_title(source: str) -> tuple[str, str, str]:
    """Split the title from the rest of a notebook's first cell.

    Returns
    -------
    title, twin, rest
        The first heading, the heading right below it (the same in the other language), and the
        rest of the cell; a missing heading is empty.
    """
    headings, lines = [], source.splitlines()
    tokens = _MARKDOWN.parse(source)
    end_line = 0
    # A heading is three tokens: its opening, its text and its closing. Two headings are read.
    for position in range(0, min(len(tokens), 6), 3):
        if tokens[position].type != "heading_open":
            break
        headings.append(_read_plain_text(tokens[position + 1]))
        end_line = (tokens[position].map or [0, 0])[1]
    if not headings:
        return "", "", source
    return headings[0], headings[1] if len(headings) > 1 else "", "\n".join(lines[end_line:])


def render_markdown(source: str, attachments: Attachments | None = None) -> Markup:
    """Render the Markdown of a text cell.

    Headings begin at the third level, below that of the chapter. HTML in it is cleaned of scripts
    and styles. A picture that is not an attachment of the cell is replaced by its text.
    """
    tokens = _MARKDOWN.parse(source)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(max(int(token.tag[1:]) + 1, 3), 6)}"
        elif token.type == "html_block":
            token.content = clean_markup(token.content)
        for child in token.children or ():
            if child.type == "image":
                _embed_picture(child, attachments or {})
            elif child.type == "html_inline" and child.content.lower().startswith("<img"):
                child.content = ""
    # Cleaned once more as a whole: pieces of HTML in text may only together be a tag.
    return clean_markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}), pictures=True)


def clean_markup(html: str, *, pictures: bool = False) -> Markup:
    """Return HTML with only the tags and attributes of text, and pictures only as data URLs."""
    import nh3  # noqa: PLC0415 -- an optional package

    safe = nh3.clean(
        html,
        tags=TAGS | {"img"} if pictures else TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_filter_attribute,
        clean_content_tags={"script", "style"},
        url_schemes=SCHEMES,
    )
    return Markup(safe)  # noqa: S704 -- it was cleaned


def _filter_attribute(_tag: str, name: str, value: str) -> str | None:
    """Return the value of an attribute, None to remove it."""
    # A link to a data URL could open a page with scripts; as a picture it is harmless.
    if name == "src":
        return value if value.startswith("data:image/") else None
    if name == "href":
        return None if value.startswith("data:") else value
    return value


def _embed_picture(token: Token, attachments: Attachments) -> None:
    """Embed a picture that is an attachment, and replace any other by its text."""
    source = str(token.attrs["src"])
    # An attachment has one or several media types; the last one is shown.
    for kind, data in attachments.get(source.removeprefix("attachment:"), {}).items():
        source = f"data:{kind};base64,{data}"
    if source.startswith("data:image/"):
        token.attrs["src"] = source
    else:
        token.type, token.tag, token.children = "text", "", None


def _read_plain_text(inline: Token) -> str:
    """Return the text of a heading without its markup."""
    text_kinds = {"text", "code_inline"}
    return "".join(c.content for c in inline.children or () if c.type in text_kinds).strip()
