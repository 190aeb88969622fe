"""Searching apps and actions in memory: every word must match, the best place to match wins.

It runs at every keystroke on the GUI thread, so most of it is looking for strings in strings. An
app's actions are only looked at one by one where that can still change what is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from zapdesk.domain.catalog import Action, App


@dataclass(frozen=True, slots=True)
class AppHit:
    """An app that was found, and those of its known actions that go with the search."""

    app: App
    actions: tuple[Action, ...] = ()


_MOST_EXAMINED = 5_000
"""Apps whose actions are looked at one by one: of several common words, each is in one action or
another of nearly every app."""


_WHOLE = "\n{}\n"
_TIERS = {0: _WHOLE, 10: "\n{}", 20: " {}", 30: "{}"}
"""Scores, and how a word stands in a line of ``hay`` to get them: all of it, at its beginning, at
the beginning of a word, anywhere."""


class _Entry:
    """``hay`` is made for the first search: a line for the app's title and one for each of its
    actions', case-folded."""

    __slots__ = ("actions", "app", "hay", "id", "rank", "title")

    def __init__(self, app: App, rank: int) -> None:
        self.actions: tuple[Action, ...] | None = None
        self.take(app, rank)

    def take(self, app: App, rank: int) -> None:
        self.app, self.rank = app, rank
        self.id, self.title = app.id.casefold(), app.title.casefold()
        self.hay = ""

    def know(self, actions: tuple[Action, ...]) -> None:
        self.actions, self.hay = actions, ""

    def make_hay(self) -> str:
        lines = (self.title, *(action.title.casefold() for action in self.actions or ()))
        self.hay = "\n".join(("", *(line.replace("\n", " ") for line in lines), ""))
        return self.hay

    def action_titles(self) -> list[str]:
        return self.hay.split("\n")[2:-1]


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
                self._entries[app.id] = _Entry(app, rank)
            else:
                entry.take(app, rank)
        self._ordered = self._apps = None

    def update(self, app: App, rank: int) -> None:
        """Take in newer facts of an app, which keeps its rank; ``rank`` is for one not known."""
        entry = self._entries.get(app.id)
        self.add([app], rank if entry is None else entry.rank)

    def keep(self, app_ids: Container[str]) -> None:
        """Forget every app but these."""
        self._entries = {i: entry for i, entry in self._entries.items() if i in app_ids}
        self._ordered = self._apps = None

    def set_actions(self, app_id: str, actions: tuple[Action, ...]) -> None:
        """Know these as the actions of an app."""
        if entry := self._entries.get(app_id):
            entry.know(actions)

    def add_action(self, action: Action) -> None:
        """Know one more action of its app."""
        if entry := self._entries.get(action.app_id):
            entry.know((*(entry.actions or ()), action))

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
        found: list[tuple[int, int, AppHit]] = []
        scores: Counter[int] = Counter()
        examined = count()
        for best, entry in self._candidates(words):
            if len(found) >= limit and sum(n for s, n in scores.items() if s <= best) >= limit:
                break  # whatever comes now stands behind what there is
            if len(words) > 1 and next(examined) >= _MOST_EXAMINED:
                break
            match = _match(entry, words, kinds)
            if match is not None:
                score, hit = match
                found.append((score, entry.rank, hit))
                scores[score] += 1
        found.sort(key=lambda scored: scored[:2])  # popularity decides between equals
        return tuple(hit for *_, hit in found[:limit])

    def _candidates(self, words: list[str]) -> Iterator[tuple[int, _Entry]]:
        """Every app that may match, with the best score it can have, in the order of those.

        Worked out only as far as it is asked for: of a common word the first tier is enough.
        """
        if not words:
            yield from ((0, entry) for entry in self._sorted())
            return
        first, *more = words
        rest = [e for e in self._sorted() if first in (e.hay or e.make_hay()) or e.id == first]
        for word in more:
            rest = [entry for entry in rest if word in entry.hay or entry.id == first]
        titled: dict[int, list[_Entry]] = {tier: [] for tier in _TIERS}
        others = []
        for entry in rest:
            if first in entry.title and all(word in entry.title for word in more):
                titled[_score(entry.title, words)].append(entry)
            elif entry.id == first:
                titled[0].append(entry)
            else:
                others.append(entry)
        for tier, mark in _TIERS.items():
            yield from ((tier, entry) for entry in titled[tier])
            marked = set(_marked(others, words, mark))
            yield from ((tier + 1, entry) for entry in others if entry in marked)
            others = [entry for entry in others if entry not in marked]

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
    if entry.id == words[0]:
        return 0, AppHit(entry.app, actions)
    titles = entry.action_titles()
    places = list(range(len(titles)))
    for word in words:
        if word not in entry.title:
            places = [place for place in places if word in titles[place]]
    known = entry.actions or ()
    matching = [
        (_score(titles[place], [word for word in words if word in titles[place]]), known[place])
        for place in places
        if not kinds or known[place].action_type in kinds
    ]
    if not matching:
        return None
    matching.sort(key=lambda scored: scored[0])
    best = matching[0][0] + 1  # an app of that name comes before an action of that name
    return best, AppHit(entry.app, tuple(action for _, action in matching))


def _marked(entries: list[_Entry], words: list[str], mark: str) -> Iterator[_Entry]:
    """Those with a line in which one of ``words`` stands as ``mark`` says."""
    if mark == _WHOLE:
        words = [" ".join(words)]
    for word in words:
        wanted = mark.format(word)
        yield from [entry for entry in entries if wanted in entry.hay]


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
