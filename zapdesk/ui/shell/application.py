"""The window's process, up to the first frame and after the last.

What is drawn first needs Qt, the theme and a snapshot from the disk; asyncio, qasync, ssl, httpx
and keyring are imported behind it. Nothing here may import them, or Qt, at the top: where Qt
cannot be loaded the answer is a sentence and an exit code.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from zapdesk.errors import InvalidInput
from zapdesk.paths import Paths
from zapdesk.services import first_frame
from zapdesk.ui.shell.snapshot import WindowOptions, load_snapshot

if TYPE_CHECKING:
    from zapdesk.services.first_frame import Beginning, Glance
    from zapdesk.ui.shell.crash_log import CrashLog
    from zapdesk.ui.shell.main_window import MainWindow
    from zapdesk.ui.shell.single_window import WindowLock

USAGE = 2
NO_DISPLAY = 8
STORE_TROUBLE = 7
BUG = 70


def run_window(arguments: Sequence[str]) -> int:
    """Open the window as the command line asks; the exit code where none could be opened.

    After a window was open the process is ended from here, with the code that belongs to it.
    """
    gc.disable()  # a cycle collected on another thread would destroy widgets there
    try:
        options = window_options(arguments)
        paths = Paths.find().create()
        seen = first_frame.glance(paths, options.profile or None, options.use_sandbox)
    except InvalidInput as error:
        return _say(USAGE, " ".join(filter(None, (error.title, error.detail, error.hint))))
    except OSError as error:
        return _say(
            STORE_TROUBLE,
            f"zapdesk cannot use its folder {error.filename}: {error.strerror}. "
            "ZAPDESK_HOME can name another one.",
        )
    trouble = display_trouble(os.environ, sys.platform)
    if trouble:
        return _say(NO_DISPLAY, trouble)
    from zapdesk.ui.shell.single_window import take_or_raise

    try:
        lock = take_or_raise(paths.data, options.capsule)
    except BlockingIOError:
        return _say(STORE_TROUBLE, "zapdesk is open already, but its window does not answer.")
    if lock is None:
        return _say(0, "zapdesk is open already; its window was raised.")
    try:
        code = _paint_and_live(options, seen, paths, lock)
    except ImportError as error:
        # A library of the system that Qt needs is missing; anything else is a bug of ours.
        if ".so" not in str(error):
            raise
        return _say(NO_DISPLAY, f"zapdesk cannot load Qt: {error}.")
    finally:
        lock.release()
    leave(code)


def window_options(arguments: Sequence[str]) -> WindowOptions:
    """What the arguments ask for. Raises InvalidInput where one lacks its value or is unknown."""
    options = WindowOptions()
    rest = iter(arguments)
    for argument in rest:
        name, is_joined, value = argument.partition("=")
        if name in {"--profile", "--screenshot"}:
            given = value if is_joined else next(rest, "")
            if not given:
                raise InvalidInput(f"{name} needs a value.")
            if name == "--profile":
                options = options._replace(profile=given)
            else:
                options = options._replace(screenshot=Path(given).absolute())
        elif argument.endswith(".zapdesk") and not argument.startswith("-"):
            options = options._replace(capsule=Path(argument).absolute())
        elif argument == "--sandbox":
            options = options._replace(use_sandbox=True)
        elif argument == "--offline":
            options = options._replace(is_offline=True)
        elif argument != "--json":  # it goes with every command, and here there is nothing to print
            raise InvalidInput(f"'{argument}' is not an option of the window.")
    return options


def _paint_and_live(
    options: WindowOptions, seen: tuple[Beginning, Glance], paths: Paths, lock: WindowLock
) -> int:
    from zapdesk.ui.shell.crash_log import CrashLog
    from zapdesk.ui.shell.qt_loading import import_qt

    crash_log = CrashLog(paths.logs)
    try:
        import_qt(paths.cache)
        from zapdesk.ui.shell.main_window import MainWindow
        from zapdesk.ui.shell.qt_application import (
            Application,
            install_message_handler,
            remove_message_handler,
        )

        install_message_handler(crash_log, on_no_platform=_leave_without_display)
        application = Application(sys.argv[:1])
        window = MainWindow(paths)
        _prepare_frame(window, seen, crash_log)
        window.show()
        Application.processEvents()  # the first frame, before asyncio, qasync and the rest

        from zapdesk import log
        from zapdesk.ui.shell.furnishing import furnish
        from zapdesk.ui.shell.life import Life

        log.set_up(paths.logs)
        inside = furnish(application, window, seen[0].theme, lambda: load_snapshot(paths, options))
        try:
            return Life(application, window, paths, options, crash_log, lock).run(inside)
        finally:
            remove_message_handler()
    finally:
        crash_log.close()
        gc.enable()


def _prepare_frame(window: MainWindow, seen: tuple[Beginning, Glance], crash_log: CrashLog) -> None:
    from zapdesk.ui.shell.first_frame import FirstFrame, title_of

    if not seen[0].is_first_start:
        window.setWindowTitle(title_of(seen[0].profile.name))
    try:
        window.setCentralWidget(FirstFrame(*seen, window.settings()))
    except Exception as error:  # whatever it is, the real window comes all the same
        crash_log.record("in the first frame", error)


def leave(code: int) -> NoReturn:
    """End this process now: nothing that still hangs can keep it."""
    import logging

    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    logging.shutdown()
    os._exit(code)


def display_trouble(environment: Mapping[str, str], platform: str) -> str:
    """Why no window can be opened here, in a sentence; empty where nothing speaks against it.

    A display that is named but does not answer is left to Qt, which is listened to as it fails.
    """
    plugin = environment.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    needed = {
        "": ("WAYLAND_DISPLAY", "DISPLAY"),
        "xcb": ("DISPLAY",),
        "wayland": ("WAYLAND_DISPLAY",),
    }.get(plugin)
    if platform in {"win32", "darwin"} or needed is None or any(map(environment.get, needed)):
        return ""
    return f"There is no display to open a window on ({' and '.join(needed)} not set)."


def _leave_without_display(reason: str) -> NoReturn:
    leave(_say(NO_DISPLAY, f"zapdesk cannot open a window here: {reason}"))


def _say(code: int, sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return code
