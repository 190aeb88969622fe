"""Session: what speaks to the server of one profile, and what belongs to that profile alone.

Bootstrap puts it together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # whoever looks into the log only must not pay 150 ms for the HTTP library
    from zapdesk.api.client import ZapierClient
    from zapdesk.api.signs import ServerSigns
    from zapdesk.api.transport import Transport
    from zapdesk.broadcast import Broadcast
    from zapdesk.domain.catalog import Person
    from zapdesk.domain.profiles import Profile
    from zapdesk.services.budget import Budget
    from zapdesk.services.catalog import CatalogService
    from zapdesk.services.comparison import ComparisonService
    from zapdesk.services.connections import ConnectionService
    from zapdesk.services.credentials import Credentials
    from zapdesk.services.drafts import DraftService
    from zapdesk.services.explaining import Explainer
    from zapdesk.services.exports.service import ExportService
    from zapdesk.services.form_service import FormService
    from zapdesk.services.history import HistoryService
    from zapdesk.services.live_guard import LiveGuard
    from zapdesk.services.open_tabs import TabService
    from zapdesk.services.pieces import Pieces
    from zapdesk.services.results import ResultService
    from zapdesk.services.runs import RunService
    from zapdesk.services.ways import Way
    from zapdesk.storage.definition_history import DefinitionHistory


@dataclass(slots=True)
class Session:
    """Everything that is bound to one profile."""

    profile: Profile
    transport: Transport
    client: ZapierClient
    catalog: CatalogService
    connections: ConnectionService
    credentials: Credentials
    forms: FormService
    drafts: DraftService
    definitions: DefinitionHistory
    pieces: Pieces
    tabs: TabService
    runs: RunService
    guard: LiveGuard
    history: HistoryService
    budget: Budget
    signs: Broadcast[ServerSigns]
    exports: ExportService
    explainer: Explainer
    comparison: ComparisonService
    results: ResultService
    way: Way
    sandbox_page: str = ""

    async def person(self) -> Person:
        """Whose token it is. Raises what reading from a server raises."""
        return await self.client.me()

    async def close(self) -> None:
        """Stop what runs for this profile, the newest first."""
        await self.runs.close()
        self.forms.close()
        await self.catalog.close()
        await self.transport.aclose()
        await self.budget.close()
