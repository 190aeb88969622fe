"""Apps, actions and connections, in Zapier's words. Nothing here knows how they are fetched."""

from __future__ import annotations

from dataclasses import dataclass

READ = "READ"
READ_BULK = "READ_BULK"
SEARCH = "SEARCH"
SEARCH_OR_WRITE = "SEARCH_OR_WRITE"
SEARCH_AND_WRITE = "SEARCH_AND_WRITE"
WRITE = "WRITE"

ACTION_TYPES = (WRITE, SEARCH, SEARCH_OR_WRITE, SEARCH_AND_WRITE, READ, READ_BULK)
"""The documented kinds. The API's own example breaks its enum, so a kind is an open string."""

_WRITING = frozenset({WRITE, SEARCH_OR_WRITE, SEARCH_AND_WRITE})
_READING = frozenset({READ, READ_BULK, SEARCH})


@dataclass(frozen=True, slots=True)
class ActionKey:
    """The lasting name of an action: its key alone is not unique across kinds."""

    app_id: str
    action_type: str
    key: str


@dataclass(frozen=True, slots=True)
class Action:
    """One action of an app. ``id`` differs on every look-up and is good for one run only."""

    id: str
    key: str
    app_id: str
    action_type: str
    title: str
    description: str = ""
    is_instant: bool = False

    @property
    def reference(self) -> ActionKey:
        """The name under which this action is found again."""
        return ActionKey(self.app_id, self.action_type, self.key)

    @property
    def writes(self) -> bool:
        """Whether a run changes something; a kind nobody documents counts as writing."""
        return writes(self.action_type)


def writes(action_type: str) -> bool:
    """Whether runs of this kind of action change something; an unknown kind may."""
    return action_type in _WRITING or action_type not in _READING


@dataclass(frozen=True, slots=True)
class App:
    """An app of the catalogue.

    ``connect_url`` opens the page that makes a new connection. ``links_filled`` tells whether
    the answer came for a person's token: only then does a missing link mean that the app needs
    no connection (for a client id the links are never filled).
    """

    id: str
    title: str
    description: str = ""
    hex_color: str = ""
    image: str = ""
    categories: tuple[str, ...] = ()
    action_types: tuple[str, ...] = ()
    connect_url: str | None = None
    links_filled: bool = True

    @property
    def needs_authentication(self) -> bool | None:
        """Whether runs need a connection; ``None`` where the server has not said."""
        if self.connect_url:
            return True
        return False if self.links_filled else None


@dataclass(frozen=True, slots=True)
class Authentication:
    """A person's account with an app; on screen it is called a connection."""

    id: str
    app_id: str
    title: str
    is_expired: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of the app directory."""

    slug: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Whose token it is."""

    id: str
    name: str = ""
    email: str = ""
    time_zone: str | None = None
