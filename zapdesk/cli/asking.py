"""Asking the person at the terminal, where there is one."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
import threading
from contextlib import suppress

from zapdesk.cli import output
from zapdesk.errors import InvalidInput


def is_possible() -> bool:
    """Whether somebody sits there who can read a question and answer it."""
    try:
        return sys.stdin.isatty() and sys.stderr.isatty()
    except (AttributeError, ValueError):  # closed, or never there
        return False


async def secret(prompt: str, what: str) -> str:
    """What is typed unseen, or the first line of standard input. Raises InvalidInput for none."""
    if sys.stdin.isatty():
        return await asyncio.to_thread(getpass.getpass, prompt, sys.stderr)
    text: str = await asyncio.to_thread(sys.stdin.readline)
    if not text.strip():
        raise InvalidInput(f"Nothing was given for {what}.", hint="Give it on standard input.")
    return text


async def yes(question: str) -> bool:
    """Whether the answer is a yes; anything else, and no answer at all, is a no."""
    return (await line(f"{question} [y/N]")).lower() in {"y", "yes"}


async def line(question: str) -> str:
    """What is typed as an answer; empty where none comes."""
    output.say(question)
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[bytes] = loop.create_future()

    def give(text: bytes) -> None:
        if not answer.done():
            answer.set_result(text)

    def read() -> None:
        try:
            # Not by the file object: its lock would be held when Ctrl-C ends the interpreter.
            text = os.read(sys.stdin.fileno(), 1024)
        except OSError:
            text = b""
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(give, text)

    # A thread that nobody waits for: the person may never answer.
    threading.Thread(target=read, name="zapdesk question", daemon=True).start()
    return (await answer).decode(errors="replace").strip()
