"""Where secrets live, how that place stands, and what a person can do about it: words only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Condition(StrEnum):
    """How the place for secrets stands. The words are part of the CLI's JSON."""

    UNTRIED = "untried"
    """Nobody has asked for a secret yet."""
    READY = "ready"
    LOCKED = "locked"
    SILENT = "silent"
    """It does not answer in time."""
    ABSENT = "absent"
    FORGETFUL = "forgetful"
    """It takes secrets and does not give them back."""
    SWITCHED_OFF = "switched off"
    """The person's configuration of keyring names a backend that keeps nothing."""
    PLAIN = "plain text"
    """The configuration names a backend that keeps secrets for anybody to read."""
    FOREIGN = "foreign"
    """The configuration names a backend that zapdesk knows nothing of."""
    GONE = "gone"
    """Secrets were kept in another place, which is not there now."""
    DENIED = "denied"
    FAILED = "failed"
    SESSION = "session"
    """The person chose to keep secrets until the program ends."""


class Remedy(StrEnum):
    """What a person can choose where secrets have no home, in the order of the choices."""

    SESSION = "session"
    UNLOCK = "unlock"
    TRY_AGAIN = "try again"
    USE_FOUND = "use found"
    """Use the store that is there in place of the one that is gone."""
    USE_SYSTEM = "use system"
    """Move what is in the file into the keyring."""
    FILE = "file"


FILE_WARNING = (
    "Every program that you start can read this file, and so can whoever gets hold of this disk "
    "or of a copy of it. A keyring keeps secrets encrypted."
)
"""What a person has to know before secrets are kept in a file."""


@dataclass(frozen=True, slots=True)
class SecretStore:
    """One place at one moment. ``name`` is how it is called in the middle of a sentence,
    ``detail`` what is known beyond the condition."""

    condition: Condition = Condition.UNTRIED
    name: str = ""
    detail: str = ""
    is_file: bool = False

    @property
    def is_usable(self) -> bool:
        """Whether secrets that are put there stay; nobody knows before it was tried."""
        return self.condition in (Condition.READY, Condition.UNTRIED)

    @property
    def is_chosen(self) -> bool:
        """Whether a person chose it to be so, and need not be asked again."""
        return self.condition is Condition.SESSION

    @property
    def title(self) -> str:
        """What is the matter, in one sentence; empty where nothing is."""
        sentence = _TITLES[self.condition].format(name=self.name or "the keyring")
        return sentence[:1].upper() + sentence[1:]

    @property
    def hint(self) -> str:
        """What can be done."""
        return _HINTS[self.condition]

    @property
    def text(self) -> str:
        """Title, detail and hint in one line; empty where nothing is the matter."""
        return " ".join(filter(None, (self.title, self.detail, self.hint)))

    @property
    def place(self) -> str:
        """Where secrets are, in one sentence; what is the matter where they have no home."""
        if self.condition is Condition.UNTRIED:
            return "No secret was needed yet."
        return self.text or f"They are kept in {self.name}."

    @property
    def changes(self) -> tuple[Remedy, ...]:
        """What a person can choose who is asked nothing; a keyring that works is left alone."""
        return (Remedy.USE_SYSTEM,) if self.is_usable and self.is_file else self.remedies

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """What can be chosen; none where secrets have a home."""
        if self.is_usable:
            return ()
        second = {
            Condition.LOCKED: (Remedy.UNLOCK,),
            Condition.GONE: (Remedy.TRY_AGAIN, Remedy.USE_FOUND),
        }.get(self.condition, (Remedy.TRY_AGAIN,))
        return (Remedy.SESSION, *second, Remedy.FILE)


_TITLES = {
    Condition.UNTRIED: "",
    Condition.READY: "",
    Condition.LOCKED: "{name} is locked.",
    Condition.SILENT: "{name} does not answer.",
    Condition.ABSENT: "This computer has no keyring that zapdesk trusts with secrets.",
    Condition.FORGETFUL: "{name} forgets what it is given.",
    Condition.SWITCHED_OFF: "Keyrings are switched off on this computer.",
    Condition.PLAIN: "The keyring that is set up here keeps secrets for anybody to read.",
    Condition.FOREIGN: "The keyring that is set up here is not one that zapdesk trusts.",
    Condition.GONE: "Secrets were kept in {name}, which is not there now.",
    Condition.DENIED: "{name} does not let zapdesk in.",
    Condition.FAILED: "{name} did not work.",
    Condition.SESSION: "Secrets are kept for this session only.",
}
_SESSION_HINT = "Secrets last until zapdesk ends, unless you choose another place for them."
_HINTS = {
    Condition.UNTRIED: "",
    Condition.READY: "",
    Condition.LOCKED: "Unlock it to use what is kept there.",
    Condition.SILENT: "Restart it, or log out and in; until then secrets last for this session.",
    Condition.ABSENT: _SESSION_HINT,
    Condition.FORGETFUL: _SESSION_HINT,
    Condition.SWITCHED_OFF: _SESSION_HINT,
    Condition.PLAIN: _SESSION_HINT,
    Condition.FOREIGN: _SESSION_HINT,
    Condition.GONE: "Start it, or choose another place for secrets.",
    Condition.DENIED: "Allow zapdesk in Keychain Access, or sign in anew.",
    Condition.FAILED: _SESSION_HINT,
    Condition.SESSION: "",
}
