"""What a form holds beside its fields: parked values, and inputs that no field asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from zapdesk.domain.payload import write_json
from zapdesk.domain.pieces import Mapped, to_document
from zapdesk.domain.values import UNSET, as_text
from zapdesk.ui.look.metrics import XS, L, S
from zapdesk.ui.parts import DisclosureButton, IconButton, PlainLabel
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.services.forms import FormSession

_MOST_SHOWN = 400
_MOST_ROWS = 50
_HIDDEN = "••••••••"


class Drawer(QWidget):
    """``values`` under one line that folds them; ``removed`` gives the name of one.

    ``texts`` is what is shown of them.
    """

    removed = Signal(str)

    def __init__(
        self,
        values: Mapping[str, Any],
        texts: Iterable[str],
        title: str,
        sentence: str,
        remove: str,
    ) -> None:
        super().__init__()
        self.values = dict(values)
        self.button = DisclosureButton(title, is_open=True)
        inside = QWidget()
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(L + XS, 0, 0, 0)
        lines.setSpacing(XS)
        lines.addWidget(PlainLabel(sentence, size="small", tone="muted", wrap=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(S)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 2)
        for row, (name, text) in enumerate(islice(zip(values, texts, strict=True), _MOST_ROWS)):
            label = one_line(name, 200)
            grid.addWidget(
                PlainLabel(label, size="small", tone="muted", mono=True, elide=True), row, 0
            )
            grid.addWidget(PlainLabel(one_line(text, _MOST_SHOWN), elide=True), row, 1)
            button = IconButton("close", f"{remove} {one_line(name, 80)}")
            button.clicked.connect(lambda _=False, gone=name: self.removed.emit(gone))
            grid.addWidget(button, row, 2)
        lines.addLayout(grid)
        if len(values) > _MOST_ROWS:
            rest = f"and {len(values) - _MOST_ROWS:,} more"
            lines.addWidget(PlainLabel(rest, size="small", tone="muted"))
        self.button.folds(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, XS, 0, L)
        column.setSpacing(XS)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(inside)


class Parked(Drawer):
    """Values whose fields are gone for now."""

    def __init__(self, parked: Mapping[str, Any], secrets: Collection[str]) -> None:
        count = len(parked)
        super().__init__(
            parked,
            (_HIDDEN if name in secrets else _text(value) for name, value in parked.items()),
            "1 value is parked" if count == 1 else f"{count} values are parked",
            "The form does not ask for these now. They are not sent, and come back with their "
            "field while what they depend on stays the same.",
            "Throw away",
        )


class ExtraInputs(Drawer):
    """Inputs that are sent although no field asks for them."""

    def __init__(self, extra: Mapping[str, Any]) -> None:
        count = len(extra)
        super().__init__(
            extra,
            map(_text, extra.values()),
            f"{count} extra input{'s' * (count != 1)}",
            "No field of this form asks for these. They are sent all the same.",
            "Do not send",
        )


def parked_drawer(session: FormSession) -> Parked:
    """The parked values of a form, each with a button that throws it away."""
    from zapdesk.services.form_changes import FormChange

    def throw_away(name: str) -> None:
        session.state.unpark(name)
        session.changed.announce(FormChange("fields"))

    drawer = Parked(session.state.parked, session.state.secret_ids)
    drawer.removed.connect(throw_away)
    return drawer


def extra_drawer(session: FormSession) -> ExtraInputs:
    """The extra inputs of a form, each with a button that takes it away."""
    from zapdesk.services.form_changes import FormChange

    def take_away(name: str) -> None:
        session.state.set_extra(name, UNSET)
        session.changed.announce(FormChange("values"))

    drawer = ExtraInputs(session.state.extra)
    drawer.removed.connect(take_away)
    return drawer


def _text(value: Any) -> str:
    if isinstance(value, Mapped):
        return value.text
    if isinstance(value, (list, dict)):
        return write_json(to_document(value)).decode()
    return "null" if value is None else as_text(value) or "(empty text)"
