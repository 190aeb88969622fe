"""What the list of pieces is made of: the profile's values, what is made anew, fields of runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zapdesk.domain.pieces import Piece
from zapdesk.errors import InvalidInput, ZapdeskError
from zapdesk.ui.form.pieces.chip import piece_words
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # none of these may be imported before the first paint
    from zapdesk.domain.runs import ActionRun
    from zapdesk.services.pieces import Offer, Pieces
    from zapdesk.ui.form.editors.base import FormContext

LAST_RUN = "last"
_WIDEST = 200


@dataclass(frozen=True, slots=True)
class PieceRow:
    """One row of the list.

    A row with an ``expression`` inserts it, one with a ``run`` shows that run's fields, one with
    neither is a heading or, ``is_door``, leads to the list of runs.
    """

    text: str
    what: str = ""
    example: str = ""
    expression: str = ""
    run: str = ""
    is_door: bool = False

    @property
    def can_be_chosen(self) -> bool:
        return bool(self.expression or self.run or self.is_door)


class PieceSource:
    """The pieces of the form's profile, as rows."""

    def __init__(self, context: FormContext) -> None:
        self._context = context
        self.start = context.start

    @property
    def _pieces(self) -> Pieces:
        return self._context.session.pieces

    def rows(self) -> list[PieceRow]:
        """What is known at once."""
        offers = self._pieces.offers()
        own = [offer for offer in offers if offer.expression.startswith("env.")]
        made = [offer for offer in offers if offer not in own]
        rows = [PieceRow("Values of this profile"), *map(_row, own)] if own else []
        return [*rows, PieceRow("Made anew for every run"), *map(_row, made)]

    async def rows_of_run(self, reference: str) -> list[PieceRow]:
        """The fields of a run's result; empty where it has none."""
        try:
            return [_row(offer) for offer in await self._pieces.offers_of_run(reference)]
        except ZapdeskError:
            return []  # the log cannot be read: the window says so already

    async def runs(self) -> list[PieceRow]:
        """Recent runs whose fields can be inserted."""
        try:
            return [self._run_row(run) for run in await self._pieces.recent_runs()]
        except ZapdeskError:
            return []

    def meaning(self, piece: Piece) -> str:
        """What the piece stands for now, or why it stands for nothing, in one line."""
        try:
            return one_line(self._pieces.resolve(piece), _WIDEST)
        except InvalidInput as error:
            return str(error)

    def _run_row(self, run: ActionRun) -> PieceRow:
        from datetime import datetime

        started = datetime.fromtimestamp(run.created_ms / 1_000, self._pieces.zone)
        title = one_line(f"{run.app_title} › {run.action_title}", _WIDEST)
        return PieceRow(
            title, one_line(run.headline, _WIDEST), f"{started:%d %b, %H:%M}", run=run.id
        )


def _row(offer: Offer) -> PieceRow:
    text = piece_words(offer.expression)
    if offer.expression.startswith("run:"):
        text = text.partition(" › ")[2]
    is_told = offer.expression.startswith(("env.", "run:"))
    return PieceRow(
        text,
        "" if is_told else one_line(offer.title, _WIDEST),
        one_line(offer.example, _WIDEST) or "empty text",
        offer.expression,
    )
