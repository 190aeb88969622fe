"""What the first frame shows: read at once from the disk, before anything heavy is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zapdesk.services import first_frame

if TYPE_CHECKING:  # the first frame does without the domain's runs
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Protocol

    from zapdesk.domain.runs import ActionRun
    from zapdesk.paths import Paths

    class AppRow(Protocol):
        """As much of an app as a row of the browser needs."""

        @property
        def id(self) -> str: ...
        @property
        def title(self) -> str: ...
        @property
        def hex_color(self) -> str: ...


class WindowOptions(NamedTuple):
    """What the command line asked of the window. ``screenshot`` is a file to paint into,
    ``capsule`` one whose run is shown."""

    profile: str = ""
    use_sandbox: bool = False
    screenshot: Path | None = None
    capsule: Path | None = None
    is_offline: bool = False


class Snapshot(NamedTuple):
    """The state of the last session.

    ``profile_colour`` is ``#RRGGBB``; ``is_first_start`` is true until a profile was chosen;
    ``theme`` is what the settings say.
    """

    profile_name: str
    profile_colour: str
    is_live: bool = False
    acts_for: str = ""
    is_first_start: bool = False
    theme: str = "system"
    apps: Sequence[AppRow] = ()
    runs: Sequence[ActionRun] = ()


def load_snapshot(paths: Paths, options: WindowOptions) -> Snapshot:
    """What the last session left for the profile that will be used.

    Raises InvalidInput where that profile does not exist. A store that cannot be read is no
    trouble here: it is opened properly later, and says so then.
    """
    frame = first_frame.read(paths, options.profile or None, options.use_sandbox)
    return Snapshot(
        profile_name=frame.profile.name,
        profile_colour=frame.profile.colour,
        is_live=frame.profile.is_live,
        acts_for=frame.profile.acts_for,
        is_first_start=frame.is_first_start,
        theme=frame.theme,
        apps=frame.apps,
        runs=frame.runs,
    )
