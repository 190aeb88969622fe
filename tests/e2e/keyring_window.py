"""What the window's process does where its keyring is in some state: it measures itself meanwhile.

Run as a program, with the name of what is to be done; it prints what it saw.
"""

from __future__ import annotations

import asyncio
import json
import sys
import traceback

from PySide6.QtWidgets import QApplication

import zapdesk.ui.shell.life as module
from tests.stall_meter import StallMeter
from tests.ui.every_text import every_text
from zapdesk.domain.secret_store import Remedy
from zapdesk.ui.accounts.vault_dialog import VaultDialog
from zapdesk.ui.notices import Notice
from zapdesk.ui.parts import Button

LIMIT_MS = 100.0
_PATIENCE_S = 30.0


async def tell(life: module.Life, meter: StallMeter, story: str, token: str) -> None:
    window = life._window
    try:
        await (mend(life) if story == "mend" else look(life, meter, token))
    except Exception:  # the test reads what went wrong from the output
        traceback.print_exc()
    finally:
        window.close()


async def mend(life: module.Life) -> None:
    """Wait for the strip; once the keyring was mended, try again as the strip offers it."""
    await until(lambda: strip(life) is not None)
    print("{}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    shown = strip(life)
    assert shown is not None
    shown.findChildren(Button)[0].click()
    await until(lambda: dialog() is not None)
    opened = dialog()
    assert opened is not None
    opened.choices[Remedy.TRY_AGAIN].click()
    await until(lambda: has_apps(life))
    print(json.dumps({"notices": life._window.notices.texts}), flush=True)


async def look(life: module.Life, meter: StallMeter, token: str) -> None:
    """Wait for the apps or the strip, open what the strip offers, and leave in the middle of
    asking the keyring once more."""
    await until(lambda: has_apps(life) or strip(life) is not None)
    await asyncio.sleep(0.3)  # what else the window has to say
    shown = strip(life)
    offered: list[str] = []
    if shown is not None:
        shown.findChildren(Button)[0].click()
        await until(lambda: dialog() is not None)
        opened = dialog()
        assert opened is not None
        if not opened.choices:
            opened.cancel_button.click()
        offered = [remedy.value for remedy in opened.choices]
        await asyncio.sleep(0.1)
    assert life._program is not None
    vault = life._program.accounts.vault
    waiting = asyncio.ensure_future(vault.unlock())
    await asyncio.sleep(0.3)
    meter.__exit__()
    gap = meter.longest
    texts = b"\n".join(text for _, text in every_text())
    print(
        json.dumps(
            {
                "strip": shown.text if shown is not None else "",
                "offered": offered,
                "store": vault.store_name,
                "gap_ms": gap.own_ms,
                "gap": str(gap),
                "has_apps": has_apps(life),
                "notices": life._window.notices.texts,
                "shows_token": token.encode() in texts,
            }
        ),
        flush=True,
    )
    waiting.cancel()


def has_apps(life: module.Life) -> bool:
    session = None if life._program is None else life._program.session
    return session is not None and bool(session.catalog.apps) and life._window.isVisible()


def strip(life: module.Life) -> Notice | None:
    """The strip about the keyring."""
    return life._window.notices._notices.get("vault")


def dialog() -> VaultDialog | None:
    found = QApplication.activeModalWidget()
    return found if isinstance(found, VaultDialog) else None


async def until(is_so: object) -> None:
    assert callable(is_so)
    async with asyncio.timeout(_PATIENCE_S):
        while not is_so():
            await asyncio.sleep(0.02)


def main() -> int:
    token = sys.stdin.readline().strip() if sys.argv[1] == "look" else ""
    begin = module.Life._begin

    def begin_and_tell(life: module.Life) -> None:
        begin(life)
        meter = StallMeter(LIMIT_MS)
        meter.__enter__()
        life._closer.start(tell(life, meter, sys.argv[1], token))

    setattr(module.Life, "_begin", begin_and_tell)  # noqa: B010  # it is led from inside
    from zapdesk.ui.shell.application import run_window

    return run_window(["--profile", "own"])


if __name__ == "__main__":
    sys.exit(main())
