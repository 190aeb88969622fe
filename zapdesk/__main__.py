"""``zapdesk``: bare, it opens the window; with a command it stays in the terminal."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

_WINDOW_OPTIONS = frozenset({"--profile", "--sandbox", "--offline", "--json", "--screenshot"})


def main(given: Sequence[str] | None = None) -> int:
    """Run zapdesk with ``given`` arguments, or this process's own; returns the exit code."""
    arguments = list(sys.argv[1:] if given is None else given)
    _forbid_core_dumps()
    if hasattr(sys, "frozen"):  # the bundle, in which there is no Python to ask for anything else
        _give_back_library_path()
        if arguments == ["--aside"]:
            from zapdesk.services.aside import serve

            serve()
            return 0
    # Imported where needed: a terminal command must not pay for Qt, and the window must not pay
    # for the command line before its first paint.
    if _is_for_window(arguments):
        from zapdesk.ui.shell.application import run_window

        return run_window(arguments)
    _die_quietly_of_ctrl_c(True)
    from zapdesk.cli import main as run_command

    try:
        _die_quietly_of_ctrl_c(False)
        return run_command(arguments)
    except KeyboardInterrupt:  # before the command line itself could take it
        return 130


def _die_quietly_of_ctrl_c(quietly: bool) -> None:
    """While modules load, Ctrl-C ends the process as it ends any tool of a shell. Raised there, it
    could surface as another error, with a traceback: some callers of Python code wrap what it is.
    """
    wanted = signal.SIG_DFL if quietly else signal.default_int_handler
    usual = signal.default_int_handler if quietly else signal.SIG_DFL
    # A handler of another kind belongs to whoever set it; off the main thread none can be set.
    with suppress(ValueError):
        if signal.getsignal(signal.SIGINT) is usual:
            signal.signal(signal.SIGINT, wanted)


def _give_back_library_path() -> None:
    """Programs that zapdesk starts, a browser above all, are to load their own libraries: the
    launcher of the bundle has pointed the loader to ours, which it has read by now.
    """
    usual = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if usual is None:
        os.environ.pop("LD_LIBRARY_PATH", None)
    else:
        os.environ["LD_LIBRARY_PATH"] = usual


def _forbid_core_dumps() -> None:
    """A crash must not leave tokens in a file: neither of this process nor of one it starts.

    On Linux a limit of one byte is the one that keeps a program that collects dumps from getting
    them too; zero does not. (Declaring the process not dumpable would shut it out of the desktop's
    portals.)
    """
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    least = 1 if hard == resource.RLIM_INFINITY else min(1, hard)
    with suppress(ValueError, OSError):  # some systems allow no limits to be set
        resource.setrlimit(resource.RLIMIT_CORE, (least, least))


def _is_for_window(arguments: Sequence[str]) -> bool:
    rest = iter(arguments)
    for argument in rest:
        name = argument.partition("=")[0]
        if _is_capsule(argument):
            continue
        if name not in _WINDOW_OPTIONS:
            return False
        if argument in {"--profile", "--screenshot"}:
            next(rest, None)
    return True


def _is_capsule(argument: str) -> bool:
    """Whether it is a file that was double-clicked: the window shows the run in it."""
    return argument.endswith(".zapdesk") and not argument.startswith("-")


if __name__ == "__main__":
    sys.exit(main())
