"""What the first frame shows, read at once from the disk: no asyncio, no network, no waiting.

``glance`` comes before anything else and imports as little as it can; ``read`` brings the same
as the domain's objects, behind that frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zapdesk.domain.profiles import SANDBOX, Profile
from zapdesk.services.access import choose
from zapdesk.settings import Settings
from zapdesk.storage.glance import Glance as Glance
from zapdesk.storage.glance import RunGlimpse as RunGlimpse
from zapdesk.storage.glance import read_glance

if TYPE_CHECKING:  # they bring the domain, which the first frame does without
    from zapdesk.domain.runs import ActionRun
    from zapdesk.paths import Paths
    from zapdesk.storage.snapshot import AppGlimpse


class Beginning(NamedTuple):
    """Whose window it is; ``is_first_start`` is true until a profile was chosen."""

    profile: Profile
    theme: str
    is_first_start: bool


class FirstFrame(NamedTuple):
    """The state of the last session, as far as one screen shows it."""

    profile: Profile
    theme: str
    is_first_start: bool
    apps: tuple[AppGlimpse, ...] = ()
    runs: tuple[ActionRun, ...] = ()


def glance(
    paths: Paths, profile: str | None = None, sandbox: bool = False
) -> tuple[Beginning, Glance]:
    """The beginning and the top of both lists. Raises InvalidInput where the profile asked for
    does not exist."""
    beginning = _beginning(paths, profile, sandbox)
    return beginning, read_glance(paths.database, beginning.profile.id)


def read(paths: Paths, profile: str | None = None, sandbox: bool = False) -> FirstFrame:
    """Read it. A store that cannot be read is left out: whoever opens it next says so.

    Raises InvalidInput where the profile asked for does not exist.
    """
    from zapdesk.storage.snapshot import read_snapshot

    beginning = _beginning(paths, profile, sandbox)
    kept = read_snapshot(paths.database, beginning.profile.id)
    if kept is None:
        return FirstFrame(*beginning)
    return FirstFrame(*beginning, kept.apps, kept.runs)


def _beginning(paths: Paths, profile: str | None, sandbox: bool) -> Beginning:
    settings = Settings.load(paths.settings)
    access = choose(settings, name=profile, sandbox=sandbox)
    chosen = access.profile
    is_first = not (settings.profile or profile or sandbox or access.token or chosen != SANDBOX)
    return Beginning(chosen, settings.theme, is_first)
