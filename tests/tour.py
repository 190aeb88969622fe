"""A tour of the window for people to look at: `python tests/tour.py FOLDER [NAME …]`.

Each stop runs the real program in a process of its own and saves what its window shows, at
1280 x 800 and 1920 x 1080, light and dark, at 100 % and 200 %. Names choose among the stops.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.tour_stops import AT_THE_FIRST_START, STOPS  # noqa: E402 — run as a script, it is alone

SIZES = ((1280, 800), (1920, 1080))
THEMES = ("light", "dark")
SCALES = (1, 2)
STOP_SECONDS = 120

GUIDE = """
import sys
sys.path.insert(0, {root!r})
import zapdesk.ui.life as module
from tests.tour_stops import Tour

begin = module.Life._begin

def begin_and_visit(life):
    begin(life)
    life._window.resize({width}, {height})
    life._closer.start(Tour(life, {file!r}).visit({name!r}))

module.Life._begin = begin_and_visit
from zapdesk.ui.application import run_window
sys.exit(run_window({arguments!r}))
"""


def visit(name: str, folder: Path, width: int, height: int, theme: str, scale: int) -> Path:
    """Save the picture of one stop, and say where. Raises ``CalledProcessError``."""
    file = folder / f"{name}-{width}x{height}-{theme}-{scale * 100}.png"
    guide = GUIDE.format(
        root=str(ROOT),
        file=str(file),
        width=width,
        height=height,
        name=name,
        arguments=[] if name in AT_THE_FIRST_START else ["--sandbox"],
    )
    with tempfile.TemporaryDirectory() as home:
        settings = Path(home, "data", "settings.toml")
        settings.parent.mkdir(mode=0o700)
        settings.write_text(f'theme = "{theme}"\n')
        screen = ROOT / "packaging" / "offscreen-screen.json"
        environment = {
            **os.environ,
            "ZAPDESK_HOME": home,
            "QT_QPA_PLATFORM": f"offscreen:configfile={screen}",
            "QT_SCALE_FACTOR": str(scale),
        }
        for variable in ("ZAPDESK_TOKEN", "ZAPDESK_BASE_URL"):
            environment.pop(variable, None)
        subprocess.run(
            [sys.executable, "-c", guide],
            cwd=ROOT,
            env=environment,
            check=True,
            timeout=STOP_SECONDS,
        )
    return file


def main(arguments: list[str]) -> int:
    """Make the tour; 2 where it was asked for wrongly."""
    names = arguments[1:] or list(STOPS)
    if not arguments or not set(names) <= STOPS.keys():
        print(f"tour.py FOLDER [{' | '.join(STOPS)}]", file=sys.stderr)
        return 2
    folder = Path(arguments[0]).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    for name, (width, height), theme, scale in product(names, SIZES, THEMES, SCALES):
        print(visit(name, folder, width, height, theme, scale), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
