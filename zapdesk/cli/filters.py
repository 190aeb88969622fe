"""Which runs are meant by the options that narrow them down."""

from __future__ import annotations

from zapdesk.cli.context import Context
from zapdesk.domain.runs import RunFilter, RunStatus
from zapdesk.errors import InvalidInput


async def run_filter(context: Context) -> RunFilter:
    """The filter that the options of this command describe."""
    options = context.options
    chosen = getattr(options, "profile", None) or getattr(options, "sandbox", False)
    access = context.program.access
    return RunFilter(
        profile_id=access.profile.id if chosen or access.token else "",
        statuses=frozenset({RunStatus(options.status)}) if options.status else frozenset(),
        text=options.search or "",
        app_id=await _app_id(context, options.app) if options.app else "",
    )


async def _app_id(context: Context, text: str) -> str:
    """The id of an app of which there are runs; unknown text is taken as an id."""
    known = await context.program.log.apps()
    ids = {id for id, title in known if text == id or text.casefold() == title.casefold()}
    if len(ids) > 1:
        raise InvalidInput(f"Several apps are called '{text}'.", f"Give an id: {', '.join(ids)}.")
    return ids.pop() if ids else text
