"""Programs that end at the moment their first frame is painted, and a state to start from."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.storage.making import opened, order
from zapdesk import settings
from zapdesk.domain.catalog import App
from zapdesk.domain.profiles import SANDBOX_ID
from zapdesk.paths import Paths
from zapdesk.storage.catalog_cache import CatalogCache
from zapdesk.storage.run_log import RunLog

APPS = 8_000
RUNS = 60

# As the program does it: its own modules first, then Qt.
ZAPDESK = """
import os
import sys
from zapdesk.__main__ import main
import zapdesk.ui.shell.application
from zapdesk.paths import Paths
from zapdesk.ui.shell.qt_loading import import_qt

import_qt(Paths.find().create().cache)
from PySide6.QtCore import QCoreApplication

paint = QCoreApplication.processEvents

def painted(*arguments):
    paint(*arguments)
    os._exit(0)

QCoreApplication.processEvents = painted
sys.exit(main([]))
"""

EMPTY_WINDOW = """
import os
import sys
from PySide6.QtWidgets import QApplication, QMainWindow

application = QApplication(sys.argv[:1])
window = QMainWindow()
window.resize(1280, 800)
window.show()
QApplication.processEvents()
os._exit(0)
"""


def fill_state(paths: Paths, apps: int = APPS, runs: int = RUNS) -> None:
    """What a session with so many apps and runs leaves behind."""

    async def fill() -> None:
        paths.create()
        async with opened(paths.database.parent) as database:
            listed = [App(f"app-{n}", f"Some App {n}", hex_color="#2B8A3E") for n in range(apps)]
            await CatalogCache(database).put_apps(SANDBOX_ID, listed, 0)
            log = RunLog(database, "0" * 32)
            for number in range(runs):
                created = 1_700_000_000_000 + number * 60_000
                await log.add(order(f"n{number}", SANDBOX_ID), created, b'{"name":"Ada"}')

    asyncio.run(fill())
    settings.save(paths.settings, {"profile": SANDBOX_ID})


def seconds_to_first_frame(program: Path, folder: Path) -> float:
    """From starting the interpreter to the end of ``program``, which is the painted frame.

    Compiled modules are kept in ``folder``, as an installed program keeps its own.
    """
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, program], env=environment, check=False)
    took = time.perf_counter() - begin
    assert done.returncode == 0, f"{program.name} did not paint a frame"
    return took
