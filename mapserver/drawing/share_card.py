"""Draws the card that messengers show beside a link: 1200 x 630, words left, picture right.

Drawn by Pillow: a server has no matplotlib, which takes a second to load and some 80 MB, and
a card has neither axes nor a legend. Nothing on a card depends on the day: messengers keep it for
weeks, so it says the season and never whether a trail is open today.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw

from mapserver.drawing.card import HEIGHT_PX, WIDTH_PX, ShareCard
from mapserver.drawing.card_fonts import Font, find_font
from mapserver.drawing.card_picture import draw_picture
from mapserver.settings import page_colors

COMPRESSION = 6
"""Of zlib: the best takes three times as long, to save a twentieth."""
PALETTE = 128
"""Colours of a card that has no soft light."""
TEXT_WIDTH_PX = 600
EDGE_PX = 64
"""All words stay as far from the edges, since messengers round the corners and cut."""
LEAST_ROOM_PX = 100
"""A text with less room is left out: nothing of it could be read."""
GAP_PX = 44
"""Between the words and the picture."""

ICONS = Path(__file__).parents[1] / "web" / "static" / "icons"

DAY = page_colors.DAY
MARKS = {
    "foot_wash": (DAY["water-wash"], DAY["water"]),
    "toilet": (DAY["wc-wash"], DAY["wc"]),
    "light": (DAY["lamp-wash"], DAY["lamp"]),
}
"""Ground and ink of what stands along a trail, by its kind; only these are on a card."""


def draw_card(card: ShareCard) -> bytes:
    """Draw a card as PNG. A text that no font of this machine can show is left out."""
    image = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), DAY["paper"])
    picture = draw_picture(card.picture, (WIDTH_PX - TEXT_WIDTH_PX, HEIGHT_PX))
    image.paste(picture, (0 if card.is_right_to_left else TEXT_WIDTH_PX, 0))
    words = _Words(image, is_right_to_left=card.is_right_to_left)
    has_name = bool(card.name)
    words.write_brand(card.brand if has_name else "", card.has_feet)
    words.write_name(card.name or card.brand)
    words.write(card.place, 34, 294, DAY["ink2"])
    words.write_facts(card.facts)
    words.write_marks(card.marks)
    words.write(card.note, 25, 588, DAY["ink2"])
    file = io.BytesIO()
    if card.picture.glow is None:
        # Flat colours: a palette makes the file a third as large. Soft light would have steps.
        image = image.quantize(PALETTE, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    image.save(file, "PNG", compress_level=COMPRESSION)
    return file.getvalue()


class _Words:
    """The half of a card with words: each line fitted to its width, from the reader's side."""

    def __init__(self, image: Image.Image, *, is_right_to_left: bool) -> None:
        self._image = image
        self._draw = ImageDraw.Draw(image)
        self._is_right_to_left = is_right_to_left
        self._width = TEXT_WIDTH_PX - EDGE_PX - GAP_PX

    def write(  # noqa: PLR0913 -- a line of text: what, how large, where
        self, text: str, size_px: int, y: int, color: str, *, bold: bool = False, indent_px: int = 0
    ) -> int:
        """Write a line with its letters standing on ``y``, smaller or cut where it is too long.

        Returns
        -------
        int
            Its width in pixels; 0 where it was left out.
        """
        text = _clean(text)
        room = self._width - indent_px
        sizes = range(size_px, size_px * 3 // 4, -2)
        fonts = [font for size in sizes if (font := find_font(text, size, bold=bold))]
        if not fonts or room < LEAST_ROOM_PX:
            return 0
        font = next((font for font in fonts if font.getlength(text) <= room), fonts[-1])
        line = _cut(text, font, room)
        x, anchor = EDGE_PX + indent_px, "ls"
        if self._is_right_to_left:
            x, anchor = WIDTH_PX - EDGE_PX - indent_px, "rs"
        self._draw.text((x, y), line, fill=color, font=font, anchor=anchor)
        return round(font.getlength(line))

    def write_brand(self, brand: str, has_feet: bool) -> None:
        """Write the title of the city's map, the mark of the site before it."""
        indent = 0
        if has_feet:
            mark = Image.open(ICONS / "icon-192.png").convert("RGBA").resize((52, 52))
            x = WIDTH_PX - EDGE_PX - 52 if self._is_right_to_left else EDGE_PX
            self._image.paste(mark, (x, 52), mark)
            indent = 68
        self.write(brand, 32, 89, DAY["ink"], bold=True, indent_px=indent)

    def write_name(self, name: str) -> None:
        """Write the name as large as it fits: in one line, else in two."""
        text = _clean(name)
        for size in range(84, 59, -4):
            font = find_font(text, size, bold=True)
            if font is None:
                return
            if font.getlength(text) <= self._width:
                self.write(text, size, 228, DAY["ink"], bold=True)
                return
        for size in range(60, 43, -4):
            font = find_font(text, size, bold=True)
            lines = [] if font is None else _break(text, font, self._width)
            if len(lines) == 2 or (lines and size == 44):
                second = " ".join(lines[1:])
                self.write(lines[0], size, 172, DAY["ink"], bold=True)
                self.write(second, size, 172 + round(size * 1.15), DAY["ink"], bold=True)
                return

    def write_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        """Write figures side by side, each below its label."""
        indent = 0
        for label, value in facts[:2]:
            if not value:
                continue
            widths = (
                self.write(label, 26, 372, DAY["ink2"], indent_px=indent),
                self.write(value, 54, 432, DAY["clay"], bold=True, indent_px=indent),
            )
            indent += max(widths) + 48

    def write_marks(self, marks: tuple[tuple[str, str], ...]) -> None:
        """Write what stands along the trail, each word on its own ground."""
        indent = 0
        for kind, word in marks:
            text = _clean(word)
            font = find_font(text, 28, bold=True)
            ground, ink = MARKS[kind]
            if font is None or indent + font.getlength(text) + 40 > self._width:
                continue
            width = round(font.getlength(text)) + 40
            left = EDGE_PX + indent
            if self._is_right_to_left:
                left = WIDTH_PX - EDGE_PX - indent - width
            self._draw.rounded_rectangle((left, 474, left + width, 530), 16, fill=ground)
            self._draw.text((left + width / 2, 512), text, fill=ink, font=font, anchor="ms")
            indent += width + 12


def _clean(text: str) -> str:
    """Return a text on one line; a blank that does not break is drawn as any other."""
    return " ".join(text.split())


def _cut(text: str, font: Font, width: float) -> str:
    """Return a text that fits a width, its end left out where it is longer."""
    if font.getlength(text) <= width:
        return text
    # Three points: not every font has the one letter for them.
    while text and font.getlength(f"{text}...") > width:
        text = text[:-1].rstrip(" ·,(")
    return f"{text}..."


def _break(text: str, font: Font, width: float) -> list[str]:
    """Break a text into lines at its blanks; a word wider than a line stands in one of its own."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
