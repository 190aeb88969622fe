"""The menu behind *Filter*: everything that runs can be narrowed by, and the saved filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from zapdesk.domain.runs import RunFilter
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.runs.filters import STATUS_GROUPS, time_presets

if TYPE_CHECKING:  # it is imported by services, behind the first frame
    from zapdesk.domain.history import Occurring, SavedFilter

_LONGEST = 48
_MOST = 60


@dataclass(slots=True)
class FilterChoices:
    """What the menu offers: the present filter, what occurs in the log, profiles by id and saved
    filters; ``own_profile`` is the one that is shown unless another was chosen."""

    wanted: RunFilter
    own_profile: str
    found: Occurring | None = None
    profiles: Mapping[str, str] = field(default_factory=dict)
    saved: Sequence[SavedFilter] = ()


@dataclass(frozen=True, slots=True)
class FilterActions:
    """What choosing does."""

    use: Callable[[RunFilter], None]
    ask_for_days: Callable[[], None]
    save: Callable[[], None]
    forget: Callable[[str], None]


def fill_filter_menu(menu: QMenu, choices: FilterChoices, actions: FilterActions, now: int) -> None:
    """Put the present choices into ``menu`` in place of what was in it."""
    menu.clear()
    for part in menu.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
        part.deleteLater()
    wanted, found = choices.wanted, choices.found
    _offer(
        _part(menu, "State", has_any=True),
        ((w, s == wanted.statuses, replace(wanted, statuses=s)) for w, s in STATUS_GROUPS.items()),
        actions.use,
    )
    times = _part(menu, "Time", has_any=True)
    for word, (since, before) in time_presets(now).items():
        changed = replace(wanted, since_ms=since, before_ms=before)
        times.addAction(word).triggered.connect(lambda _=False, f=changed: actions.use(f))
    times.addAction("Between two days…").triggered.connect(lambda: actions.ask_for_days())
    if found is not None:
        _offer(
            _part(menu, "App", has_any=bool(found.apps)),
            ((title, id_ == wanted.app_id, replace(wanted, app_id=id_, action=None))
             for id_, title in found.apps),
            actions.use,
        )  # fmt: skip
        several = not wanted.app_id
        _offer(
            _part(menu, "Action", has_any=bool(found.actions)),
            ((f"{a.app_title} › {a.title}" if several else a.title,
              a.key == wanted.action, replace(wanted, action=a.key))
             for a in found.actions if several or a.key.app_id == wanted.app_id),
            actions.use,
        )  # fmt: skip
        _offer(
            _part(menu, "Connection", has_any=bool(found.connections)),
            ((c.title, c.id == wanted.connection_id, replace(wanted, connection_id=c.id))
             for c in found.connections if not wanted.app_id or c.app_id == wanted.app_id),
            actions.use,
        )  # fmt: skip
        _offer(
            _part(menu, "Label", has_any=bool(found.labels)),
            (
                (label, label == wanted.label, replace(wanted, label=label))
                for label in found.labels
            ),
            actions.use,
        )
    profiles = {choices.own_profile: "This profile", "": "All profiles"} | {
        id_: name for id_, name in choices.profiles.items() if id_ != choices.own_profile
    }
    _offer(
        _part(menu, "Profile", has_any=True),
        (
            (name, id_ == wanted.profile_id, replace(wanted, profile_id=id_))
            for id_, name in profiles.items()
        ),
        actions.use,
    )
    pinned = menu.addAction("Pinned only")
    pinned.setCheckable(True)
    pinned.setChecked(wanted.pinned)
    changed = replace(wanted, pinned=not wanted.pinned)
    pinned.triggered.connect(lambda _=False, f=changed: actions.use(f))
    _add_saved(menu, choices, actions)


def _add_saved(menu: QMenu, choices: FilterChoices, actions: FilterActions) -> None:
    wanted = choices.wanted
    menu.addSeparator()
    for saved in choices.saved:
        chosen = replace(saved.filter, profile_id=choices.own_profile)
        action = menu.addAction(_shown(saved.name))
        action.setCheckable(True)
        action.setChecked(chosen == wanted)
        action.triggered.connect(lambda _=False, f=chosen: actions.use(f))
    keep = menu.addAction("Save this filter…")
    keep.setEnabled(wanted != RunFilter(choices.own_profile))
    keep.triggered.connect(lambda: actions.save())
    if choices.saved:
        forget = QMenu("Forget a saved filter", menu)
        menu.addMenu(forget)
        for saved in choices.saved:
            action = forget.addAction(_shown(saved.name))
            action.triggered.connect(lambda _=False, n=saved.name: actions.forget(n))


def _part(menu: QMenu, title: str, *, has_any: bool) -> QMenu:
    part = QMenu(title, menu)
    part.setEnabled(has_any)
    menu.addMenu(part)
    return part


def _offer(
    menu: QMenu,
    choices: Iterable[tuple[str, bool, RunFilter]],
    use: Callable[[RunFilter], None],
) -> None:
    every = list(choices)
    for title, is_chosen, changed in every[:_MOST]:
        action = menu.addAction(_shown(title))
        action.setCheckable(True)
        action.setChecked(is_chosen)
        action.triggered.connect(lambda _=False, f=changed: use(f))
    if len(every) > _MOST:
        menu.addAction(f"{len(every) - _MOST} more: search for them by name").setEnabled(False)


def _shown(text: str) -> str:
    # An ampersand would underline what follows it.
    return (one_line(text, _LONGEST) or "Without a name").replace("&", "&&")
