"""A FormSession's surface over a real FormState, without a server: for tests of the form alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from zapdesk.broadcast import Broadcast
from zapdesk.domain.catalog import Action, App, Authentication
from zapdesk.domain.definitions import FieldDifference, Sighting
from zapdesk.domain.fields import Choice, FormNode
from zapdesk.domain.filling import Filling
from zapdesk.domain.form import FormState
from zapdesk.domain.form_facts import Origin
from zapdesk.domain.payload import HIDDEN_PASSWORD, without_secrets, write_json
from zapdesk.domain.runs import RunOrder
from zapdesk.errors import ErrorItem, InvalidInput, ZapdeskError
from zapdesk.services.choice_labels import ChoiceLabels
from zapdesk.services.choices import ChoiceList
from zapdesk.services.form_changes import FormChange
from zapdesk.ui.form.editors import FormContext

APP = App("app-1", "Tables", hex_color="#3F51D9")
ACTION = Action(
    "core:1", "create_row", "app-1", "WRITE", "Create Row", "Adds a row to a **table** you choose."
)


class LocalForm:
    """The form of nodes that are given; ``refetch`` makes the next ones out of the values."""

    def __init__(
        self,
        nodes: Sequence[FormNode],
        choices: dict[str, ChoiceList] | None = None,
        refetch: Callable[[FormState], Sequence[FormNode]] | None = None,
    ) -> None:
        self.app, self.action = APP, ACTION
        self.authentication: Authentication | None = None
        self.state = FormState(nodes)
        self.is_loading = False
        self.is_loaded = True
        self.again_of = ""
        self.trouble: ZapdeskError | None = None
        self.definition_change: tuple[Sighting, list[FieldDifference]] | None = None
        self.pieces = SimpleNamespace(zone=ZoneInfo("Europe/Berlin"))
        self.changed: Broadcast[FormChange] = Broadcast()
        self.edits: list[tuple[str, Any]] = []
        self.finished: list[str] = []
        self.asked: list[str] = []
        self.used: list[Authentication | None] = []
        self._lists = choices or {}
        self._known: set[str] = set()
        self.labels = ChoiceLabels(self.state, self.known_choices)
        self._refetch = refetch
        self._is_stale = False

    def replace(self, nodes: Sequence[FormNode]) -> None:
        """A new definition came."""
        change = self.state.replace_fields(nodes)
        ids = (*change.added, *change.changed, *change.parked)
        self.changed.announce(FormChange("fields", ids))

    def filling(self) -> Filling:
        return self.labels.added_to(self.state.filling())

    def prefill(self, filling: Filling, origin: Origin = Origin.TYPED) -> None:
        self.state.fill(filling, origin)
        self.labels.remember(filling)
        self.again_of = filling.again_of

    def edit(self, field_id: str, value: Any) -> None:
        self.edits.append((field_id, value))
        change = self.state.set(field_id, value)
        self._is_stale = self._is_stale or change.needs_refetch
        self.changed.announce(FormChange("values", (field_id, *change.cleared)))

    def finish_edit(self, field_id: str) -> None:
        self.finished.append(field_id)
        self.changed.announce(FormChange("problems", (field_id,)))
        if self._is_stale and self._refetch is not None:
            self._is_stale = False
            self.replace(self._refetch(self.state))

    def edit_payload(self, inputs: Mapping[str, Any]) -> None:
        hidden = {n for n in self.state.secret_ids if inputs.get(n) == HIDDEN_PASSWORD}
        now = self.state.payload()
        change = self.state.set_payload({n: now[n] if n in hidden else inputs[n] for n in inputs})
        self.changed.announce(FormChange("values"))
        if change.needs_refetch and self._refetch is not None:
            self.replace(self._refetch(self.state))

    def preview(self) -> bytes:
        return write_json(without_secrets(self.state.payload(), self.state.secret_ids))

    def body(self) -> bytes:
        inputs = without_secrets(self.state.payload(), self.state.secret_ids)
        return write_json({"data": {"action": "…", "inputs": inputs}})

    def why(self, name: str) -> str:
        if name in self.state.extra:
            return "extra input"
        if self.state.is_mapped(name):
            return "mapped"
        origin = self.state.origin(name)
        return origin.value if origin is not None else ""

    def apply_refusal(self, items: tuple[ErrorItem, ...]) -> tuple[str, ...]:
        named = {item.pointer.rpartition("/")[2]: item.text for item in items}
        self.state.server_problems.update(named)
        self.changed.announce(FormChange("problems", tuple(named)))
        return tuple(named)

    def know_choices(self, field_id: str) -> None:
        """Let the choices of a field be known without having been asked for."""
        self._known.add(field_id)
        self.changed.announce(FormChange("choices", (field_id,)))

    def known_choices(self, field_id: str) -> ChoiceList | None:
        return self._lists.get(field_id) if field_id in self._known else None

    async def choices(
        self, field_id: str, *, more: bool = False, refresh: bool = False, all: bool = False
    ) -> ChoiceList:
        self.asked.append("more" if more else "refresh" if refresh else "all" if all else "first")
        await asyncio.sleep(0)
        missing = self.state.missing_dependencies(field_id)
        if missing:
            return ChoiceList(note=f"Nothing here: needs {missing[0].name} first.")
        known = self._lists.get(
            field_id, ChoiceList(note="Nothing here: the app offers nothing to choose.")
        )
        if more or all:
            n = len(known.choices)
            count = 25 if more else 100
            more_choices = tuple(Choice(f"id-{n + i}", f"Choice {n + i}") for i in range(count))
            known = ChoiceList(known.choices + more_choices, has_more=more)
            self._lists[field_id] = known
        self._known.add(field_id)
        self.changed.announce(FormChange("choices", (field_id,)))
        return known

    def stop_choices(self, field_id: str) -> None:
        self.asked.append("stop")

    def set_authentication(self, authentication: Authentication | None) -> None:
        self.authentication = authentication
        self.used.append(authentication)

    async def load(self) -> None:
        if self.is_loaded:
            self.changed.announce(FormChange("fields"))
        self.changed.announce(FormChange("loading"))

    async def settle(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def order(self, nonce: str) -> RunOrder:
        if self.state.problems():
            raise InvalidInput("The form is not complete.")
        return RunOrder(
            "p",
            self.action.reference,
            APP.title,
            self.action.title,
            None,
            "",
            self.state.payload(),
            nonce,
            again_of=self.again_of or None,
        )


def no_start(coroutine: Any) -> None:
    """For tests in which nothing may be started."""
    coroutine.close()


def context_of(
    form: LocalForm,
    start: Callable[[Any], Any] = no_start,
    open_link: Callable[[str], None] = lambda _address: None,
) -> FormContext:
    """What editors get from the panel."""
    return FormContext(form, start, open_link)  # type: ignore[arg-type]  # the part that is used


def focused() -> QWidget:
    """The widget that has the focus now."""
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


class Stage:
    """Shows widgets in a window of their own without a layout, as wide as the form is."""

    def __init__(self) -> None:
        self.window = QWidget()
        self.window.resize(600, 600)

    def show(self, *widgets: QWidget) -> None:
        for number, widget in enumerate(widgets):
            widget.setParent(self.window)
            widget.setGeometry(10, 10 + 300 * number, 560, 290)
            widget.show()
        self.window.show()
        self.window.activateWindow()
        assert QTest.qWaitForWindowActive(self.window)

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()
