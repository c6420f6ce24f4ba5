"""Figures for print: maps and bars in Korean or English, with scale, north, source and date."""

from mapserver.errors import N_, MissingPackageError

try:
    from mapserver.drawing.figures.areas import area_map
    from mapserver.drawing.figures.bars import bars
    from mapserver.drawing.figures.sheet import Sheet, source_line, use_font
except ModuleNotFoundError as error:
    package = str(error.name).partition(".")[0]
    if package not in {"matplotlib", "matplotlib_scalebar"}:
        raise
    raise MissingPackageError(
        N_("figures need {package}, which is not installed"),
        mend=N_("Run: pip install 'mapserver[notebooks]'"),
        package=package,
    ) from error

__all__ = ["Sheet", "area_map", "bars", "source_line", "use_font"]
