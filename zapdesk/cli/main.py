"""Running one command: arguments in, exit code out. Errors end here, in words."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress

from zapdesk import log
from zapdesk.cli import codes, output
from zapdesk.cli.arguments import parser
from zapdesk.cli.commands import COMMANDS
from zapdesk.cli.context import Context
from zapdesk.errors import StorageUnusable, ZapdeskError
from zapdesk.paths import Paths

_logger = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Do what ``arguments`` say and return the exit code."""
    is_json = "--json" in arguments
    try:
        options = parser().parse_args(arguments)
        if options.command == "sandbox":
            return _sandbox(options)
        if options.command == "completion":
            from zapdesk.cli.completion import script

            output.line(script(options.shell, parser()))
            return codes.DONE
        return _with_program(options)
    except ZapdeskError as error:
        return _failed(error, is_json)
    except BrokenPipeError:
        # Whoever was reading has gone; the interpreter must not try to flush again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return codes.DONE
    except KeyboardInterrupt:
        return codes.INTERRUPTED
    except Exception:  # a bug: said in words, with the details in the log
        _logger.exception("a command failed")
        output.say("zapdesk: This is a bug in zapdesk. The details are in its log folder.")
        return codes.BUG


def _failed(error: ZapdeskError, is_json: bool) -> int:
    from zapdesk.cli import documents

    if is_json:
        output.document({"error": documents.error(error)})
    output.problem(error)
    return codes.of_error(error)


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
    return asyncio.run(_in_loop(options, paths))


async def _in_loop(options: Namespace, paths: Paths) -> int:
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has no signal handlers on loops; there Ctrl-C cancels by KeyboardInterrupt.
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, task.cancel)
    context = await Context.open(options, paths)
    try:
        return await COMMANDS[options.command](context)
    except asyncio.CancelledError:
        return await context.interrupted()
    finally:
        await context.close()
