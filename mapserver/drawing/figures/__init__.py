"""Figures for print: maps and bars in Korean or English, with scale, north, source and date."""

from mapserver.errors import N_, MapserverError

try:
    from mapserver.drawing.figures.areas import area_map
    from mapserver.drawing.figures.bars import bars
    from mapserver.drawing.figures.sheet import Sheet, source_line, use_font
except ModuleNotFoundError as error:
    if str(error.name).partition(".")[0] not in {"matplotlib", "matplotlib_scalebar"}:
        raise
    raise MapserverError(
        N_("figures need {package}, which is not installed"),
        mend=N_("Run: pip install 'mapserver[notebooks]'"),
        package=error.name,
    ) from error

__all__ = ["Sheet", "area_map", "bars", "source_line", "use_font"]
