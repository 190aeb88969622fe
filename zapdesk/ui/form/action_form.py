"""The generated form: a row for every field, in a column that scrolls. It holds no values.

Values, rules and problems are the FormState's; this shows them, and tells the FormSession what a
person did. A new definition rebuilds only the rows that it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from zapdesk.domain.fields import Fieldset, InputField
from zapdesk.ui.form.beside import EXTRA, PARKED, slots_above, slots_below
from zapdesk.ui.form.canvas import FormCanvas
from zapdesk.ui.form.drawers import Drawer
from zapdesk.ui.form.editors import FormContext
from zapdesk.ui.form.editors.items_row import LineItemsRow
from zapdesk.ui.form.editors.row import FieldRow
from zapdesk.ui.form.notes import Heading, Note
from zapdesk.ui.form.paper import Slot
from zapdesk.ui.form.plan import Part, plan
from zapdesk.ui.form.sight import FormSight
from zapdesk.ui.form.sketch.rows import Sketch, TextSketch, sketch_of
from zapdesk.ui.look.metrics import L, M
from zapdesk.ui.parts import DisclosureButton, EmptyState

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.services.form_changes import FormChange

_GUESSES = {"field": 76, "info": 40, "heading": 44, "items": 120, "fold": 44}
_SLICE_S = 0.008

Row = FieldRow | LineItemsRow


class ActionForm(FormCanvas):
    """The form of one FormSession. ``problems_changed`` gives how many things are wrong."""

    problems_changed = Signal(int)
    values_changed = Signal()
    filter_ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("ground", "surface")
        self.setAccessibleName("Form")
        self._context: FormContext | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._parts: list[Part] = []
        self._key_of: dict[str, tuple[str, str]] = {}
        self._sight = FormSight()
        self._shown_extra: dict[str, Any] = {}
        self._judged: set[str] = set()
        self._is_judged = False
        self._shows_ids = False
        self._unjudged: list[str] = []
        self._is_counted = True
        self._judging = QTimer(self)
        self._judging.setSingleShot(True)
        self._judging.timeout.connect(self._judge_some)
        self._empty = EmptyState("This action takes no input.", "It can be run as it is.")
        self._empty.setParent(self.viewport())
        self._empty.hide()

    def set_context(self, context: FormContext | None) -> None:
        """Show another form, or none."""
        self._unsubscribe()
        self._unsubscribe = lambda: None
        self._context = context
        self._parts = []
        self._key_of.clear()
        self._sight = FormSight()
        self._judged.clear()
        self._unjudged.clear()
        self._is_judged = False
        self.clear()
        self._empty.hide()
        if context is not None:
            self._unsubscribe = context.session.changed.subscribe(self._on_change)
            if context.session.is_loaded or context.session.state.nodes:
                self._sync()

    # Reading

    @property
    def field_ids(self) -> list[str]:
        """The fields that have a row, in drawing order."""
        return list(self._key_of)

    def row(self, field_id: str) -> Row | None:
        """The row of a field, made now if it was not; ``None`` where the form has none."""
        key = self._key_of.get(field_id)
        widget = self.ensure(key) if key is not None else None
        return widget if isinstance(widget, (FieldRow, LineItemsRow)) else None

    def problems(self) -> list[tuple[str, str]]:
        """Field id and text of everything that is wrong, in drawing order."""
        if self._context is None:
            return []
        found = {p.field_id: p.text for p in self._context.session.state.problems()} | {
            field_id: row.trouble for field_id, row in self._made_rows() if row.trouble
        }
        order = {field_id: n for n, field_id in enumerate(self._key_of)}
        return sorted(found.items(), key=lambda item: order.get(item[0], len(order)))

    # What a person does

    def judge(self) -> bool:
        """Show every problem and go to the first; True where there is none."""
        self._is_judged = True
        problems = self.problems()
        self._show_problems()
        if problems:
            self.go_to(problems[0][0])
        return not problems

    def go_to(self, field_id: str) -> None:
        """Bring a field into sight and give it the focus."""
        self._sight.kept.add(field_id)
        self._fold()
        key = self._key_of.get(field_id)
        slot = self.slot(key) if key is not None else None
        if slot is not None and not slot.is_shown:
            self.filter_ended.emit()  # nothing else hides a field that is wanted
            self.filter("")
        row = self.reveal(key) if key is not None else None
        if isinstance(row, (FieldRow, LineItemsRow)):
            row.focus_editor()

    def go_to_parked(self) -> None:
        """Bring the parked values into sight."""
        drawer = self.reveal(PARKED)
        if isinstance(drawer, Drawer):
            drawer.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def filter(self, text: str) -> None:
        """Leave the fields whose title or id holds every word of ``text``, and wrong ones."""
        self._sight.filter(text)
        self._fold()

    @property
    def left_by_filter(self) -> tuple[int, int]:
        """How many fields the filter leaves, and how many there are."""
        if self._context is None:
            return 0, 0
        return self._sight.left(self._context.session.state, self._key_of), len(self._key_of)

    def go_to_first(self) -> None:
        """Go to the first field that is in sight."""
        for part in self._parts:
            slot = self.slot(part.key)
            if part.kind in {"field", "items"} and slot is not None and slot.is_shown:
                self.go_to(part.field_ids[0])
                return

    def show_ids(self, is_shown: bool) -> None:
        """Keep the id and the type of every field in sight, or show them on hover only."""
        self._shows_ids = is_shown
        for _, row in self._made_rows():
            if isinstance(row, FieldRow):
                row.show_ids(is_shown)
        self.relayout_soon()

    def _edit(self, field_id: str, value: Any) -> None:
        if self._context is not None and field_id in self._context.session.state.fields:
            self._sight.kept.add(field_id)
            self._context.session.edit(field_id, value)

    def _finish(self, field_id: str) -> None:
        if self._context is not None and field_id in self._context.session.state.fields:
            self._judged.add(field_id)
            self._context.session.finish_edit(field_id)

    # What the session announces

    def _on_change(self, change: FormChange) -> None:
        if change.kind == "fields":
            self._sync()
            return
        if self._context is None:
            return
        for key in {self._key_of[i] for i in change.field_ids or self._key_of if i in self._key_of}:
            row = self._made_row(key)
            if row is None and change.kind == "values":
                self.redraw(key)
            elif row is not None and change.kind == "values":
                row.refresh()
            elif row is not None and change.kind == "choices":
                row.show_choices()
        if change.kind in {"values", "problems"}:
            if self._context.session.state.extra != self._shown_extra:
                self._sync()
                return
            self._fold()
            self._show_problems()
            self.values_changed.emit()

    def _sync(self) -> None:
        if self._context is None:
            return
        state = self._context.session.state
        self._parts = plan(state.nodes)
        self._key_of = {
            field_id: part.key
            for part in self._parts
            if part.kind in {"field", "items"}
            for field_id in part.field_ids
        }
        told = self._told()
        slots = [self._slot(part, self._sight.shows(part, state, told)) for part in self._parts]
        session = self._context.session
        slots = [*slots_above(session), *slots, *slots_below(session, self.slot)]
        self._shown_extra = dict(state.extra)
        self.set_slots(slots)
        for key in (EXTRA, PARKED):
            self.ensure(key)
        for _, row in self._made_rows():
            row.refresh()
        self._empty.setVisible(not slots)
        self._empty.setGeometry(self.viewport().rect())
        self._say_folds()
        self._show_problems()
        self.values_changed.emit()

    def _slot(self, part: Part, is_shown: bool) -> Slot:
        slot = Slot(
            key := part.key,
            lambda: self._make_part(part),
            lambda: self._draw_part(part),
            _GUESSES[part.kind],
            part.depth * L,
            is_shown,
        )
        old = self.slot(key)
        if old is None or old.widget is None:
            return slot
        widget = old.widget
        if isinstance(widget, FieldRow) and isinstance(part.node, InputField):
            if not widget.fits(part.node):
                return slot
            if widget.field != part.node:
                widget.set_definition(part.node)
        elif widget.property("node") != _fingerprint(part):
            return slot
        slot.widget, slot.height, slot.width = widget, old.height, old.width
        return slot

    def _make_part(self, part: Part) -> QWidget:
        assert self._context is not None  # slots exist only with a context
        node = part.node
        widget: QWidget
        if part.kind == "field" and isinstance(node, InputField):
            row = FieldRow(node, self._context)
            row.show_ids(self._shows_ids)
            widget = self._connected(row)
        elif part.kind == "items" and isinstance(node, Fieldset):
            widget = self._connected(LineItemsRow(node, self._context))
        elif part.kind == "heading" and isinstance(node, Fieldset):
            widget = Heading(node.title or node.id)
        elif part.kind == "fold":
            widget = self._make_fold(part)
        else:
            widget = Note(node, self._context)
        widget.setProperty("node", _fingerprint(part))
        for field_id in part.field_ids if isinstance(widget, (FieldRow, LineItemsRow)) else ():
            self._show_problem(field_id, widget)
        return widget

    def _draw_part(self, part: Part) -> Sketch:
        assert self._context is not None  # slots exist only with a context
        state = self._context.session.state
        if part.kind == "fold":
            icon = "chevron-down" if part.id in self._sight.open_folds else "chevron-right"
            return TextSketch(self._fold_text(part), icon=icon, around=(7, 8 + M))
        return sketch_of(part, state)

    def _connected(self, row: Row) -> Row:
        row.edited.connect(self._edit)
        row.finished.connect(self._finish)
        return row

    def _made_rows(self) -> Iterator[tuple[str, Row]]:
        # The first field of each row that has been made, and the row.
        for slot in self.made_slots():
            row = slot.widget
            if isinstance(row, (FieldRow, LineItemsRow)):
                yield _ids_of(row)[0], row

    def _made_row(self, key: tuple[str, str]) -> Row | None:
        slot = self.slot(key)
        widget = slot.widget if slot is not None else None
        return widget if isinstance(widget, (FieldRow, LineItemsRow)) else None

    # Folding

    def _make_fold(self, part: Part) -> QWidget:
        holder = QWidget()
        button = DisclosureButton(self._fold_text(part), is_open=part.id in self._sight.open_folds)
        button.toggled.connect(lambda is_open: self._toggle_fold(part.id, is_open))
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, M)
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return holder

    def _fold_text(self, part: Part) -> str:
        assert self._context is not None  # slots exist only with a context
        return self._sight.fold_text(part, self._context.session.state)

    def _toggle_fold(self, fold: str, is_open: bool) -> None:
        self._sight.toggle(fold, is_open)
        self._fold()

    def _fold(self) -> None:
        if self._context is None:
            return
        changed = False
        state, told = self._context.session.state, self._told()
        for part in self._parts:
            is_shown = self._sight.shows(part, state, told)
            changed = self.show_slot(part.key, is_shown) or changed
        self._say_folds()
        if changed:
            self.relayout()

    def _say_folds(self) -> None:
        for part in self._parts:
            if part.kind == "fold":
                slot = self.slot(part.key)
                button = slot.widget.findChild(DisclosureButton) if slot and slot.widget else None
                if button is not None:
                    button.set_text(self._fold_text(part))

    # Problems

    def _show_problems(self) -> None:
        # In sight at once, elsewhere a few at a time: a long form can have hundreds.
        self._unjudged = []
        for slot in self.made_slots():
            row = slot.widget
            if isinstance(row, (FieldRow, LineItemsRow)):
                for field_id in _ids_of(row):
                    if self.is_in_sight(slot):
                        self._show_problem(field_id, row)
                    else:
                        self._unjudged.append(field_id)
        self._is_counted = False
        self._judging.start(0)

    def _judge_some(self) -> None:
        until = perf_counter() + _SLICE_S
        if not self._is_counted:
            self._is_counted = True
            self.problems_changed.emit(len(self.problems()))
        while self._unjudged and perf_counter() < until:
            field_id = self._unjudged.pop()
            row = self._made_row(self._key_of[field_id]) if field_id in self._key_of else None
            if row is not None:
                self._show_problem(field_id, row)
        if self._unjudged:
            self._judging.start(1)

    def _show_problem(self, field_id: str, row: QWidget) -> None:
        if isinstance(row, (FieldRow, LineItemsRow)):
            row.show_problem_of(field_id, self._told_of(field_id, row.trouble))

    def _told(self) -> dict[str, str]:
        # The problems that are shown: of fields that were left, or of all once Run was pressed.
        assert self._context is not None  # slots exist only with a context
        told = {}
        maybe = self._judged | self._context.session.state.server_problems.keys()
        for field_id in self._key_of if self._is_judged else maybe & self._key_of.keys():
            row = self._made_row(self._key_of[field_id])
            text = self._told_of(field_id, row.trouble if row is not None else "")
            if text:
                told[field_id] = text
        return told

    def _told_of(self, field_id: str, trouble: str) -> str:
        assert self._context is not None  # rows exist only with a context
        state = self._context.session.state
        is_told = self._is_judged or field_id in self._judged or field_id in state.server_problems
        return (trouble or state.problem(field_id)) if is_told and field_id in state.fields else ""

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._empty.setGeometry(self.viewport().rect())


def _ids_of(row: Row) -> tuple[str, ...]:
    return (row.field.id,) if isinstance(row, FieldRow) else tuple(f.id for f in row.fields)


def _fingerprint(part: Part) -> str:
    return repr(part)
