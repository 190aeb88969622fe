"""What the first frame shows, read at once from the disk: no asyncio, no network, no waiting."""

from __future__ import annotations

from dataclasses import dataclass

from zapdesk.domain.profiles import SANDBOX, Profile
from zapdesk.domain.runs import ActionRun
from zapdesk.paths import Paths
from zapdesk.services.access import choose
from zapdesk.settings import Settings
from zapdesk.storage.snapshot import AppGlimpse, read_snapshot


@dataclass(frozen=True, slots=True)
class FirstFrame:
    """The state of the last session, as far as one screen shows it."""

    profile: Profile
    theme: str
    is_first_start: bool
    apps: tuple[AppGlimpse, ...] = ()
    runs: tuple[ActionRun, ...] = ()


def read(paths: Paths, profile: str | None = None, sandbox: bool = False) -> FirstFrame:
    """Read it. A store that cannot be read is left out: whoever opens it next says so.

    Raises InvalidInput where the profile asked for does not exist.
    """
    settings = Settings.load(paths.settings)
    access = choose(settings, name=profile, sandbox=sandbox)
    chosen = access.profile
    is_first = not (settings.profile or profile or sandbox or access.token or chosen != SANDBOX)
    kept = read_snapshot(paths.database, chosen.id)
    if kept is None:
        return FirstFrame(chosen, settings.theme, is_first)
    return FirstFrame(chosen, settings.theme, is_first, kept.apps, kept.runs)
