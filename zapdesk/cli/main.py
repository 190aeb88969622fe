"""Running one command: arguments in, exit code out. Errors end here, in words."""

from __future__ import annotations

import asyncio
import logging
import signal
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

from zapdesk import log
from zapdesk.cli import codes, documents, output
from zapdesk.cli.arguments import parser
from zapdesk.cli.commands import COMMANDS
from zapdesk.cli.context import Context
from zapdesk.errors import InvalidInput, Side, StorageUnusable, ZapdeskError
from zapdesk.paths import Paths

_logger = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Do what ``arguments`` say and return the exit code."""
    is_json = "--json" in arguments
    try:
        _check_text(arguments)
        options = parser().parse_args(arguments)
        if options.command is None:
            raise InvalidInput("Which command?", hint="See: zapdesk --help")
        if options.command == "sandbox":
            return _sandbox(options)
        if options.command == "doctor":
            from zapdesk.cli.doctor import doctor

            return doctor(options)
        if options.command == "completion":
            from zapdesk.cli.completion import script

            output.line(script(options.shell, parser()))
            return codes.DONE
        return _with_program(options)
    except ZapdeskError as error:
        return _failed(error, codes.of_error(error), is_json)
    except (KeyboardInterrupt, asyncio.CancelledError):
        nothing = ZapdeskError("Interrupted.", "Nothing was sent.")
        return _failed(nothing, codes.INTERRUPTED, is_json)
    except Exception:  # a bug: said in words, with the details in the log
        _logger.exception("a command failed")
        bug = ZapdeskError(
            "This is a bug in zapdesk.", "The details are in its log folder.", side=Side.COMPUTER
        )
        return _failed(bug, codes.BUG, is_json)


def _check_text(arguments: Sequence[str]) -> None:
    # Bytes that are no UTF-8 reach us as lone surrogates; they could not be sent as meant.
    for argument in arguments:
        if any("\ud800" <= c <= "\udfff" for c in argument):
            shown = output.plain(argument)
            raise InvalidInput(f"This argument is not valid UTF-8 text: {shown}")


def _failed(error: ZapdeskError, code: int, is_json: bool) -> int:
    if is_json:
        output.document({"error": documents.error(error)})
    output.problem(error)
    return code


def _sandbox(options: Namespace) -> int:
    # Only here: nobody else may import the sandbox, they start it as a process.
    from zapdesk.sandbox.console import SandboxOptions, serve

    return serve(
        SandboxOptions(
            port=options.port,
            apps=options.apps,
            dialect=options.dialect,
            latency_ms=options.latency,
            rate_limit=options.rate_limit,
            until_idle=options.until_idle,
            redirect_uris=tuple(options.redirect_uri),
        )
    )


def _with_program(options: Namespace) -> int:
    paths = Paths.find()
    try:
        paths.create()
        log.set_up(paths.logs)
    except OSError as error:
        raise StorageUnusable(
            "zapdesk has no place to keep its files.",
            str(error),
            hint="Make the folder writable, or set ZAPDESK_HOME to another one.",
        ) from None
    if options.command == "settings":  # it works where the log does not
        from zapdesk.cli.settings_commands import run

        return run(options, paths)
    return asyncio.run(_in_loop(options, paths))


async def _in_loop(options: Namespace, paths: Paths) -> int:
    _listen_for_signals()
    context = await Context.open(options, paths)
    try:
        return await COMMANDS[options.command](context)
    except asyncio.CancelledError:
        code = await context.interrupted()
        if code is None:
            raise
        return code
    finally:
        await context.close()
        _handle_signals(signal.SIG_IGN)  # all is said and done


def _listen_for_signals() -> None:
    """Let the first signal cancel the command. A later one would cut off settling what was sent,
    or follow the document that is printed already; it is not listened to."""
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    heard: list[int] = []

    def stop(signum: int, frame: FrameType | None) -> None:
        heard.append(signum)
        if len(heard) == 1:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(task.cancel)

    # Not by the loop, which gives the signals back to Python before the process has ended.
    _handle_signals(stop)


def _handle_signals(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    with suppress(ValueError):  # not the main thread: whoever that is takes care of signals
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, handler)
