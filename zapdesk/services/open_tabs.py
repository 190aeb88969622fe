"""The tabs of one profile, kept from one start of the window to the next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import uuid4

from zapdesk.storage.open_tabs import PLACES, OpenTab, OpenTabs

__all__ = ["OpenTab", "TabService", "new_place"]


def new_place() -> str:
    """Where the drafts of one more tab are kept."""
    return f"{PLACES}{uuid4().hex}"


class TabService:
    """Every method raises StorageUnusable where the store does not work."""

    def __init__(self, profile_id: str, store: OpenTabs) -> None:
        self._profile_id = profile_id
        self._store = store

    async def all(self) -> tuple[OpenTab, ...]:
        """The tabs that were open, in their order."""
        return await self._store.all(self._profile_id)

    async def keep(self, tabs: Sequence[OpenTab], closing: Collection[str] = ()) -> None:
        """These are the tabs now; drafts at the places in ``closing`` may still be wanted."""
        await self._store.keep(self._profile_id, tabs, closing)
