"""Why no connection is listed, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Signal

from zapdesk.domain.profiles import Profile
from zapdesk.domain.scopes import barrier
from zapdesk.ui.parts import EmptyState


class NoConnections(EmptyState):
    """``clear_wanted`` takes the search away; ``more_wanted`` asks the person for what the sign-in
    does not allow."""

    clear_wanted = Signal()
    more_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(icon="connection")
        self._is_search = False
        self.action_requested.connect(self._act)

    def tell(self, profile: Profile, text: str) -> None:
        """Say it for a list in which ``text`` was searched for."""
        self._is_search = bool(text.strip())
        if self._is_search:
            self.set_texts(f"Nothing matches “{text.strip()[:60]}”.", "", "Clear the search")
        elif (reason := barrier(profile, "connection:read")) is not None:
            action = "Ask again" if reason.can_ask else ""
            self.set_texts("Your connections cannot be seen.", str(reason), action)
        else:
            self.set_texts(
                "No connections were looked at yet.", "Find an app above to see yours with it."
            )

    def _act(self) -> None:
        wanted = self.clear_wanted if self._is_search else self.more_wanted
        wanted.emit()
