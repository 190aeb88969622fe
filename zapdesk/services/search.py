"""Searching apps and actions in memory: every word must match, the best place to match wins."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from zapdesk.domain.catalog import Action, App


@dataclass(frozen=True, slots=True)
class AppHit:
    """An app that was found, and those of its known actions that go with the search."""

    app: App
    actions: tuple[Action, ...] = ()


@dataclass(slots=True)
class _Entry:
    app: App
    rank: int
    title: str
    actions: tuple[Action, ...] | None = None


class SearchIndex:
    """Every known app, most popular first, with the actions of those that were opened."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._ordered: list[_Entry] | None = []
        self._apps: tuple[App, ...] | None = None

    def add(self, apps: Iterable[App], first_rank: int = 0) -> None:
        """Take in apps whose ranks count up from ``first_rank``; newer facts replace older."""
        for rank, app in enumerate(apps, first_rank):
            entry = self._entries.get(app.id)
            if entry is None:
                self._entries[app.id] = _Entry(app, rank, app.title.casefold())
            else:
                entry.app, entry.rank, entry.title = app, rank, app.title.casefold()
        self._ordered = self._apps = None

    def keep(self, app_ids: Container[str]) -> None:
        """Forget every app but these."""
        self._entries = {i: entry for i, entry in self._entries.items() if i in app_ids}
        self._ordered = self._apps = None

    def set_actions(self, app_id: str, actions: tuple[Action, ...]) -> None:
        """Know these as the actions of an app."""
        if entry := self._entries.get(app_id):
            entry.actions = actions

    def add_action(self, action: Action) -> None:
        """Know one more action of its app."""
        if entry := self._entries.get(action.app_id):
            entry.actions = (*(entry.actions or ()), action)

    @property
    def apps(self) -> tuple[App, ...]:
        """All apps, most popular first."""
        if self._apps is None:
            self._apps = tuple(entry.app for entry in self._sorted())
        return self._apps

    def app(self, app_id: str) -> App | None:
        """The app of that id."""
        entry = self._entries.get(app_id)
        return entry.app if entry else None

    def actions(self, app_id: str) -> tuple[Action, ...] | None:
        """The known actions of an app."""
        entry = self._entries.get(app_id)
        return entry.actions if entry else None

    def titled(self, title: str) -> list[App]:
        """Every app of exactly that title, but for upper and lower case."""
        wanted = title.casefold()
        return [entry.app for entry in self._sorted() if entry.title == wanted]

    def search(self, text: str, kinds: frozenset[str], limit: int) -> tuple[AppHit, ...]:
        """Matches of every word of ``text``, best first; ``kinds`` narrows to kinds of action."""
        words = text.casefold().split()
        found: list[tuple[int, AppHit]] = []
        for entry in self._sorted():
            hit = _match(entry, words, kinds)
            if hit is not None:
                found.append(hit)
                if not words and len(found) >= limit:
                    break
        found.sort(key=lambda scored: scored[0])  # stable: popularity decides between equals
        return tuple(hit for _, hit in found[:limit])

    def _sorted(self) -> list[_Entry]:
        if self._ordered is None:
            self._ordered = sorted(self._entries.values(), key=lambda entry: entry.rank)
        return self._ordered


def _match(entry: _Entry, words: list[str], kinds: frozenset[str]) -> tuple[int, AppHit] | None:
    actions = entry.actions or ()
    if kinds:
        actions = tuple(a for a in actions if a.action_type in kinds)
        offers = entry.app.action_types
        if not actions and not (entry.actions is None and (not offers or kinds & set(offers))):
            return None
    if not words:
        return 0, AppHit(entry.app, actions)
    if all(word in entry.title for word in words):
        return _score(entry.title, words), AppHit(entry.app, actions)
    if entry.app.id.casefold() == words[0]:
        return 0, AppHit(entry.app, actions)
    matching = []
    best = 100
    for action in actions:
        title = action.title.casefold()
        if all(word in title or word in entry.title for word in words):
            matching.append((_score(title, [w for w in words if w in title]), action))
    if not matching:
        return None
    matching.sort(key=lambda scored: scored[0])
    best = matching[0][0] + 1  # an app of that name comes before an action of that name
    return best, AppHit(entry.app, tuple(action for _, action in matching))


def _score(title: str, words: list[str]) -> int:
    if not words:
        return 40
    if title == " ".join(words):
        return 0
    if title.startswith(words[0]):
        return 10
    if any(part.startswith(words[0]) for part in title.split()):
        return 20
    return 30
