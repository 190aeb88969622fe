"""What the window's process does where its keyring is in some state: it measures itself meanwhile.

Run as a program; the first line it prints says what the window showed, then it ends itself in the
middle of asking the keyring once more.
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
from zapdesk.ui.accounts.vault_dialog import VaultDialog
from zapdesk.ui.notices import Notice
from zapdesk.ui.parts import Button

LIMIT_MS = 100.0
_PATIENCE_S = 30.0


async def tell(life: module.Life, meter: StallMeter) -> None:
    """Wait for the apps or the strip, open what the strip offers, and close the window."""
    try:
        window = life._window
        await until(lambda: has_apps(life) or strip(life) is not None)
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
                    "shows_token": sys.argv[1].encode() in texts,
                }
            ),
            flush=True,
        )
        waiting.cancel()
    except Exception:  # the test reads what went wrong from the output
        traceback.print_exc()
    finally:
        window.close()


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
    begin = module.Life._begin

    def begin_and_tell(life: module.Life) -> None:
        begin(life)
        meter = StallMeter(LIMIT_MS)
        meter.__enter__()
        life._closer.start(tell(life, meter))

    setattr(module.Life, "_begin", begin_and_tell)  # noqa: B010  # it is led from inside
    from zapdesk.ui.shell.application import run_window

    return run_window(["--profile", "own"])


if __name__ == "__main__":
    sys.exit(main())
