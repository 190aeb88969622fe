"""A real browser without a window, led over its own pipe: no driver, no port, nothing to install
beside it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PATIENCE_S = 30.0

# The browser reads its orders at descriptor 3 and answers at 4.
_START = """
import fcntl, os, sys
orders, answers = (fcntl.fcntl(int(n), fcntl.F_DUPFD, 10) for n in sys.argv[1:3])
os.dup2(orders, 3)
os.dup2(answers, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_FLAGS = (
    "--headless",
    "--no-sandbox",  # containers and root have none
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--remote-debugging-pipe",
)


def found() -> str | None:
    """The browser of this computer, if it has one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """One page of it. Use ``chromium``."""

    def __init__(self, orders: int, answers: int) -> None:
        self._orders, self._answers = orders, answers
        self._number = 0
        self._rest = b""
        self._session = ""
        targets = self._do("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self._session = self._do("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]

    def open(self, address: str) -> None:
        """Go to an address, and wait until its page is there."""
        self._do("Page.navigate", url=address)
        self.until("document.readyState === 'complete' && location.protocol !== 'about:'")

    def ask(self, script: str) -> Any:
        """What a script in the page says."""
        answer = self._do("Runtime.evaluate", expression=script, awaitPromise=True)
        return answer["result"].get("value")

    def until(self, script: str) -> None:
        """Wait until a script says something true. Raises ``TimeoutError``."""
        end = time.monotonic() + PATIENCE_S
        while not self.ask(script):
            if time.monotonic() > end:
                raise TimeoutError(f"{script} at {self.ask('document.documentElement.outerHTML')}")
            time.sleep(0.02)

    def press(self, selector: str) -> None:
        """Click what a selector finds."""
        self.ask(f"document.querySelector({json.dumps(selector)}).click()")

    def _do(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        order = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            order["sessionId"] = self._session
        os.write(self._orders, json.dumps(order).encode() + b"\0")
        while True:
            answer = json.loads(self._line())
            if answer.get("id") == self._number:
                if "error" in answer:
                    return {"result": {}}  # the page went away while it was asked
                return answer["result"]

    def _line(self) -> bytes:
        while b"\0" not in self._rest:
            part = os.read(self._answers, 65_536)
            if not part:
                raise EOFError("the browser ended")
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\0")
        return line


@contextmanager
def chromium(folder: Path) -> Iterator[Chromium]:
    """A browser that keeps its things in ``folder``."""
    program = found()
    assert program is not None, "ask found() first"
    orders_in, orders = os.pipe()
    answers, answers_in = os.pipe()
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", _START, str(orders_in), str(answers_in), program, *_FLAGS),
            f"--user-data-dir={folder}",
            "about:blank",
        ],
        pass_fds=(orders_in, answers_in),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(orders_in)
    os.close(answers_in)
    try:
        yield Chromium(orders, answers)
    finally:
        os.close(orders)
        os.close(answers)
        process.kill()
        process.wait()
