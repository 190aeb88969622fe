"""Choosing how long runs are kept: what that would drop is counted and told before it counts.

A person at a terminal is asked; a script and ``--json`` are not, as with everything that deletes.
"""

from __future__ import annotations

from argparse import Namespace

from zapdesk.bootstrap import Program, choose_access
from zapdesk.cli import asking, output
from zapdesk.domain.history import KEEPING, dropping_words
from zapdesk.errors import InvalidInput, ZapdeskError
from zapdesk.paths import Paths
from zapdesk.settings import Settings


async def runs_dropped(
    name: str, value: object, options: Namespace, settings: Settings
) -> int | None:
    """How many runs go where the setting ``name`` is ``value``; ``None`` where that cannot be
    counted. Raises InvalidInput where a person does not want them to go."""
    if name not in KEEPING or not value:
        return 0
    kept = {key: getattr(settings, key) for key in KEEPING} | {name: value}
    count: int | None = None
    try:
        count = await _count(options.paths, settings, kept["keep_days"], kept["keep_megabytes"])
    except ZapdeskError as error:
        output.say(f"zapdesk: It cannot be counted how many runs would be dropped. {error}")
    if count:
        output.say(dropping_words(count, is_about=bool(kept["keep_megabytes"])))
    is_asked = count != 0 and not (options.yes or getattr(options, "json", False))
    if is_asked and asking.is_possible() and not await asking.yes("Drop them?"):
        raise InvalidInput("Nothing was changed.", hint="With --yes it is not asked.")
    return count


async def _count(paths: Paths, settings: Settings, days: int, megabytes: int) -> int:
    if not paths.database.exists():
        return 0
    program = await Program.start(paths, settings, choose_access(settings, None, sandbox=False))
    try:
        return await program.history.would_go(days, megabytes)
    finally:
        await program.close()
