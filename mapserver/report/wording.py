"""The text cells of a notebook: Markdown in, headings and clean markup out."""

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
"""Pictures of a cell: by name, base64 by media type."""


class _Renderer(RendererHTML):
    """Bilingual cells: the English line below the Korean one, marked as English."""

    def softbreak(self, tokens: Sequence[Token], idx: int, _options: Any, _env: Any) -> str:
        after = tokens[idx + 1].type if idx + 1 < len(tokens) else ""
        return "<br>\n" if after == "em_open" else "\n"

    def em_open(self, tokens: Sequence[Token], idx: int, _options: Any, _env: Any) -> str:
        end = next(n for n in range(idx, len(tokens)) if tokens[n].type == "em_close")
        korean = HANGUL.search("".join(token.content for token in tokens[idx:end]))
        return "<em>" if korean else '<em lang="en">'


_MARKDOWN = MarkdownIt("commonmark", {"html": True}, renderer_cls=_Renderer)
_MARKDOWN.enable(["table", "strikethrough"])


def title_of(source: str) -> tuple[str, str, str]:
    """Take the title off a notebook's first cell.

    Returns
    -------
    title, twin, rest
        The first heading, the one right below it (the same in the other language), and the cell
        without them; empty where there are none.
    """
    headings, lines = [], source.splitlines()
    tokens = _MARKDOWN.parse(source)
    last = 0
    for at in range(0, min(len(tokens), 6), 3):
        if tokens[at].type != "heading_open":
            break
        headings.append(_plain(tokens[at + 1]))
        last = (tokens[at].map or [0, 0])[1]
    if not headings:
        return "", "", source
    return headings[0], headings[1] if len(headings) > 1 else "", "\n".join(lines[last:])


def to_markup(source: str, attachments: Attachments | None = None) -> Markup:
    """Render the Markdown of a text cell.

    Headings begin at the third level, below the chapter's own. Markup in it is cleaned: no
    script, no style; of a picture that is not the cell's own its text stands there.
    """
    tokens = _MARKDOWN.parse(source)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(max(int(token.tag[1:]) + 1, 3), 6)}"
        elif token.type == "html_block":
            token.content = clean(token.content)
        for child in token.children or ():
            if child.type == "image":
                _picture(child, attachments or {})
            elif child.type == "html_inline" and child.content.lower().startswith("<img"):
                child.content = ""
    return clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}), pictures=True)


def clean(html: str, *, pictures: bool = False) -> Markup:
    """Keep of markup what a text needs: no script, no style, pictures only from within."""
    import nh3  # noqa: PLC0415 -- an optional package

    safe = nh3.clean(
        html,
        tags=TAGS | {"img"} if pictures else TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        clean_content_tags={"script", "style"},
        url_schemes=SCHEMES,
    )
    return Markup(safe)  # noqa: S704 -- it was cleaned


def _attribute(_tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if value.startswith("data:image/") else None
    if name == "href":
        return None if value.startswith("data:") else value
    return value


def _picture(token: Token, attachments: Attachments) -> None:
    """Put a picture of the cell in its place, and the text of any other."""
    source = str(token.attrs["src"])
    for kind, data in attachments.get(source.removeprefix("attachment:"), {}).items():
        source = f"data:{kind};base64,{data}"
    if source.startswith("data:image/"):
        token.attrs["src"] = source
    else:
        token.type, token.tag, token.children = "text", "", None


def _plain(inline: Token) -> str:
    kept = {"text", "code_inline"}
    return "".join(c.content for c in inline.children or () if c.type in kept).strip()
