"""A tour of the window for people to look at: `python tests/tour.py FOLDER [NAME …]`, or
`python tests/tour.py --readme`, which makes the pictures of the README anew.

Each stop runs the real program in a process of its own and saves what its window shows, at
1280 x 800 and 1920 x 1080, light and dark, at 100 % and 200 %. Names choose among the stops.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.tour_stops import AT_THE_FIRST_START, STOPS, WITH_MANY_APPS  # noqa: E402 — run as a script, it is alone

README_PICTURES = {
    "window-light": ("readme", "light"),
    "window-dark": ("readme", "dark"),
    "run-unknown": ("readme-unknown", "light"),
}
SIZES = ((1280, 800), (1920, 1080))
THEMES = ("light", "dark")
SCALES = (1, 2)
STOP_SECONDS = 120

GUIDE = """
import sys
sys.path.insert(0, {root!r})
import zapdesk.ui.shell.life as module
from tests.tour_stops import visit

begin = module.Life._begin

def begin_and_visit(life):
    begin(life)
    life._window.resize({width}, {height})
    life._closer.start(visit(life, {name!r}, {file!r}))

module.Life._begin = begin_and_visit
from zapdesk.ui.shell.application import run_window
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
        with sandbox_of(name, environment):
            subprocess.run(
                [sys.executable, "-c", guide],
                cwd=ROOT,
                env=environment,
                check=True,
                timeout=STOP_SECONDS,
            )
    return file


@contextmanager
def sandbox_of(name: str, environment: dict[str, str]) -> Iterator[None]:
    """The sandbox that a stop needs beforehand; most start one by themselves."""
    if name not in WITH_MANY_APPS:
        yield
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "zapdesk", "sandbox", *WITH_MANY_APPS[name]],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()  # it listens now
    try:
        yield
    finally:
        process.terminate()
        process.communicate()


def main(arguments: list[str]) -> int:
    """Make the tour; 2 where it was asked for wrongly."""
    if arguments == ["--readme"]:
        folder = ROOT / "packaging" / "pictures"
        folder.mkdir(exist_ok=True)
        for picture, (stop, theme) in README_PICTURES.items():
            file = visit(stop, folder, 1280, 800, theme, 1)
            print(file.replace(folder / f"{picture}.png"), flush=True)
        return 0
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
