"""Work aside: pure functions run in a process of their own, so that neither their computing nor
their end can hold up the window. A function that takes too long is ended with its process.
"""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from zapdesk.errors import InvalidInput, Side, ZapdeskError
from zapdesk.paths import IS_BUNDLED, own_command

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = 1024 * 1024
"""Bytes. Work on less than this is done on a thread: starting a process takes longer."""

DEADLINE_S = 10.0
MOST_MEMORY = 3 * 1024**3
"""Bytes that a process may use, where the system lets this be said."""

_SERVE = "import sys; sys.path.insert(0, sys.argv[1]); from zapdesk.services.aside import serve"
_COMMAND = (
    own_command("--aside")
    if IS_BUNDLED
    # Without the folder that zapdesk happens to be started in, which may hold modules of any name.
    else (sys.executable, "-P", "-c", f"{_SERVE}; serve()", str(Path(__file__).parents[2]))
)


async def aside(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What a function of a module returns or, as a ZapdeskError, raises.

    Raises InvalidInput where it takes longer than ``DEADLINE_S``. What is given and returned is
    copied from process to process.
    """
    child = _Child()
    try:
        answer = await asyncio.to_thread(child.ask, (function, args, kwargs))
    except BaseException:  # cancelled: the thread ends with the process
        child.end()
        raise
    if isinstance(answer, ZapdeskError):
        raise answer
    result: T = answer
    return result


class _Child:
    """The process that works, or will; ending it may come from another thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ended = False

    def end(self) -> None:
        """Stop working, also where it has not begun yet."""
        self._is_ended = True
        if self._process is not None:
            self._process.kill()

    def ask(self, question: object) -> Any:
        """The answer to ``question``, or a ZapdeskError in its place."""
        asked = pickle.dumps(question)
        with subprocess.Popen(
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            self._process = process
            if self._is_ended:
                process.kill()
            try:
                answer, words = process.communicate(asked, timeout=DEADLINE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                return InvalidInput(
                    f"This was stopped after {DEADLINE_S:.0f} seconds.",
                    hint="Look at a smaller part, or ask for less.",
                )
        if process.returncode == 0:
            return pickle.loads(answer)  # written by our own code, in `serve`
        return ZapdeskError(
            "This could not be worked out.",
            side=Side.COMPUTER,
            hint="A smaller result, or more free memory, may help.",
            technical=words.decode("utf-8", "replace")[-2000:],
        )


def serve() -> None:
    """Answer the one question on stdin; for the process that `aside` starts."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    function, args, kwargs = pickle.loads(sys.stdin.buffer.read())  # written by `aside`
    try:
        answer = function(*args, **kwargs)
    except ZapdeskError as error:
        answer = error
    sys.stdout.buffer.write(pickle.dumps(answer))


async def where_it_fits(
    size: int, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """The same, on a thread where ``size`` bytes of input are few."""
    if size > AT_ONCE:
        return await aside(function, *args, **kwargs)
    return await asyncio.to_thread(function, *args, **kwargs)
