"""Pieces without a log: for tests of the editors that they are inserted into."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.pieces import Piece
from zapdesk.domain.runs import ActionRun, RunKind, RunStatus
from zapdesk.errors import InvalidInput
from zapdesk.services.pieces import Offer

VALUES = {
    "env.BASE": "https://example.com",
    "now": "2026-11-23T19:22:00+01:00",
    "uuid": "6f1d5a0e-52a4-4a39-9d8a-6b2c1f0e7d11",
    "random.email": "test.0a1b2c3d@example.com",
    "random.name": "Ada Berg",
    "run:last.results[0].id": "rec_42",
    "run:last.results[0].name": "Ada",
}
_TITLES = {
    "env.BASE": "BASE (environment)",
    "now": "The time when it is sent",
    "uuid": "A new random id",
    "random.email": "A random e-mail address for tests",
    "random.name": "A random name for tests",
}
OTHER_RUN = "0123456789abcdef0123456789abcdef"


class LocalPieces:
    """The surface of Pieces that forms use. ``last`` is what the last run offers."""

    def __init__(self) -> None:
        self.zone = ZoneInfo("Europe/Berlin")
        self.last = [
            Offer(name, name.removeprefix("run:last.results"), value)
            for name, value in VALUES.items()
            if name.startswith("run:last")
        ]

    def resolve(self, piece: Piece) -> str:
        if piece.expression not in VALUES:
            raise InvalidInput(f"'{piece.text}' is not a piece that zapdesk knows.")
        return VALUES[piece.expression]

    def offers(self) -> list[Offer]:
        return [Offer(name, title, VALUES[name]) for name, title in _TITLES.items()]

    async def offers_of_run(self, reference: str = "last") -> list[Offer]:
        if reference == "last":
            return self.last
        return [Offer(f"run:{reference}.results[0].total", "[0].total", "12.50")]

    async def recent_runs(self, most: int = 20) -> tuple[ActionRun, ...]:
        return (
            ActionRun(
                id=OTHER_RUN,
                profile_id="p",
                kind=RunKind.RUN,
                status=RunStatus.SUCCESS,
                action=ActionKey("app-1", "WRITE", "create_row"),
                app_title="Tables",
                action_title="Create Row",
                authentication_id=None,
                authentication_title="",
                created_ms=1_795_458_120_000,
                headline="1 row created",
            ),
        )[:most]
