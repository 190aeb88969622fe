"""ProfileFields: what a profile is made of, as a form. What is wrong stands under its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QVBoxLayout, QWidget

from zapdesk.domain.profile_editing import LONGEST_NAME, at_server
from zapdesk.domain.profiles import BUILT_IN, ZAPIER, BodyShape, Profile, ServerKind
from zapdesk.errors import InvalidInput
from zapdesk.ui.accounts.colour_choice import ColourChoice
from zapdesk.ui.accounts.environment_rows import EnvironmentRows
from zapdesk.ui.accounts.profile_words import sign_in_words
from zapdesk.ui.look.metrics import XS, XXL, M
from zapdesk.ui.parts import CheckBox, ComboBox, DisclosureButton, PlainLabel

_SERVERS = (
    (ServerKind.ZAPIER, "Zapier"),
    (ServerKind.SANDBOX, "Sandbox on this computer"),
    (ServerKind.CUSTOM, "Another address"),
)
_SHAPES = (
    (BodyShape.SPEC, "As published: data, inputs"),
    (BodyShape.GUIDE, "As in the guide: input"),
    (BodyShape.MIXED, "Mixed: data, input"),
)
_LIVE = (
    "Before something is written, zapdesk wants more than one key: hold the button, or type the "
    "app's name. Searches and reads stay as they are."
)
_ENVIRONMENT = (
    "They can be inserted into any form. They are kept in the settings file, where they can be "
    "read: no place for secrets."
)
_MOVED = "Its token is for the server before, and is removed: you will have to sign in again."
_OWN = "This profile comes with zapdesk. For another server, make a new one."


class ProfileFields(QWidget):
    """``changed`` comes whenever a person changes something, ``resized`` when a part is folded."""

    changed = Signal()
    resized = Signal()

    def __init__(self, profile: Profile) -> None:
        super().__init__()
        self._profile = profile
        self._problems: dict[str, PlainLabel] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(XS)
        self.name = self._line("Name", "name", profile.name, "Work")
        self.name.setMaxLength(4 * LONGEST_NAME)
        self.colour = ColourChoice(profile.colour)
        self._add("Colour", "colour", self.colour)
        self._add_server(profile)
        self._add_live(profile)
        self._column.addSpacing(M)
        more = DisclosureButton("More", is_open=False)
        self._column.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        page = self._more(profile)
        self._column.addWidget(page)
        more.folds(page)
        more.toggled.connect(lambda _: self.resized.emit())
        self.more_button = more
        self._column.addStretch(1)
        for source in (
            self.name.textEdited,
            self.colour.changed,
            self.server.currentIndexChanged,
            self.address.textEdited,
            self.environment.changed,
            self.time_zone.textEdited,
        ):
            source.connect(lambda *_: self._on_changed())
        self._show_server()

    # What was entered

    @property
    def kind(self) -> ServerKind:
        """Who is to answer."""
        return ServerKind(self.server.currentData())  # Qt gives its plain text back

    def profile(self) -> Profile:
        """The profile as it is entered; what is wrong in it is for ``problems`` to say."""
        before = self._profile
        profile = replace(
            before,
            name=" ".join(self.name.text().split()),
            colour=self.colour.colour,
            is_live=self.live.isChecked(),
            body_shape=BodyShape(self.shape.currentData()),
            sends_native_values=self.native.isChecked(),
            time_zone=self.time_zone.text().strip(),
            environment=self.environment.values,
        )
        kind, address = self.kind, self.address.text().strip()
        try:
            profile = at_server(profile, kind, address)
        except InvalidInput:
            profile = replace(profile, kind=kind, base_url=address)
        is_same_server = (profile.kind, profile.base_url) == (before.kind, before.base_url)
        return profile if is_same_server else replace(profile, understands_effects=False)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Say what is wrong under each field; the first of them gets the focus."""
        for place, label in self._problems.items():
            label.setText(problems.get(place, ""))
            label.setHidden(place not in problems)
        for place in problems:
            if place in {"environment", "time_zone"}:
                self.more_button.setChecked(True)
        first = next(iter(problems), "")
        field = {
            "name": self.name,
            "colour": self.colour.line,
            "base_url": self.address,
            "time_zone": self.time_zone,
            "environment": self.environment,
        }.get(first)
        if field is not None:
            field.setFocus()
        self.resized.emit()

    def set_zones(self, names: list[str]) -> None:
        """Offer these names of time zones."""
        completer = QCompleter(names, self.time_zone)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.time_zone.setCompleter(completer)

    # How it is arranged

    def _add_server(self, profile: Profile) -> None:
        self.server = ComboBox("Server")
        for kind, words in _SERVERS:
            self.server.addItem(words, kind)
        self.server.setCurrentIndex([kind for kind, _ in _SERVERS].index(profile.kind))
        self._add("Server", "", self.server)
        self.address = QLineEdit()
        if profile.kind is ServerKind.CUSTOM:
            self.address.setText(profile.base_url)
        self.address.setAccessibleName("Address of the server")
        self.address.setPlaceholderText(ZAPIER.base_url)
        self._column.addWidget(self.address)
        self._column.addWidget(self._problem("base_url"))
        self._server_note = PlainLabel(size="small", tone="muted", wrap=True)
        self._column.addWidget(self._server_note)
        self.server.setEnabled(profile.id not in BUILT_IN)

    def _add_live(self, profile: Profile) -> None:
        self._column.addSpacing(M)
        self.live = CheckBox("Live: what is written here is real")
        self.live.setChecked(profile.is_live)
        self.live.setAccessibleDescription(_LIVE)
        self._is_mark_chosen = bool(profile.id)
        self.live.clicked.connect(self._choose_mark)
        self.server.currentIndexChanged.connect(self._show_usual_mark)
        self._column.addWidget(self.live)
        note = PlainLabel(_LIVE, size="small", tone="muted", wrap=True)
        note.setContentsMargins(XXL - XS - XS, 0, 0, 0)
        self._column.addWidget(note)

    def _choose_mark(self) -> None:
        self._is_mark_chosen = True

    def _show_usual_mark(self) -> None:
        if not self._is_mark_chosen:
            self.live.setChecked(self.kind is not ServerKind.SANDBOX)

    def _more(self, profile: Profile) -> QWidget:
        page = QWidget()
        outer, self._column = self._column, QVBoxLayout(page)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(XS)
        self.time_zone = self._line("Time zone", "time_zone", profile.time_zone, "This computer's")
        self.environment = EnvironmentRows(profile.environment)
        self.environment.resized.connect(self.resized)
        self._column.addSpacing(M)
        self._column.addWidget(PlainLabel("Environment values", bold=True))
        self._column.addWidget(PlainLabel(_ENVIRONMENT, size="small", tone="muted", wrap=True))
        self._column.addWidget(self.environment)
        self._column.addWidget(self._problem("environment"))
        self.shape = ComboBox("Body of a run")
        for shape, words in _SHAPES:
            self.shape.addItem(words, shape)
        self.shape.setCurrentIndex([shape for shape, _ in _SHAPES].index(profile.body_shape))
        self._add("Body of a run", "", self.shape)
        note = "Where the server refuses one, the next is tried and remembered."
        self._column.addWidget(PlainLabel(note, size="small", tone="muted", wrap=True))
        self._column.addSpacing(M)
        self.native = CheckBox("Send numbers and yes or no as such, not as text")
        self.native.setChecked(profile.sends_native_values)
        self._column.addWidget(self.native)
        self._column = outer
        return page

    def _line(self, label: str, place: str, text: str, hint: str) -> QLineEdit:
        line = QLineEdit(text)
        line.setAccessibleName(label)
        line.setPlaceholderText(hint)
        self._add(label, place, line)
        return line

    def _add(self, label: str, place: str, widget: QWidget) -> None:
        if self._column.count():
            self._column.addSpacing(M)
        title = PlainLabel(label, bold=True)
        title.setBuddy(widget)
        self._column.addWidget(title)
        self._column.addWidget(widget)
        if place:
            self._column.addWidget(self._problem(place))

    def _problem(self, place: str) -> PlainLabel:
        label = self._problems[place] = PlainLabel(size="small", tone="error", wrap=True)
        label.hide()
        return label

    def _on_changed(self) -> None:
        self._show_server()
        if not all(label.isHidden() for label in self._problems.values()):
            for label in self._problems.values():
                label.hide()
            self.resized.emit()
        self.changed.emit()

    def _show_server(self) -> None:
        was_shown = not self.address.isHidden(), not self._server_note.isHidden()
        before, now = self._profile, self.profile()
        self.address.setVisible(self.kind is ServerKind.CUSTOM)
        is_new = not before.id
        is_moved = not is_new and (now.kind, now.base_url) != (before.kind, before.base_url)
        note = _OWN if before.id in BUILT_IN else ""
        if now.kind is not ServerKind.SANDBOX and not is_new:
            note = _MOVED if is_moved else " ".join(filter(None, (sign_in_words(now), note)))
        self._server_note.setText(note)
        self._server_note.setVisible(bool(note))
        if was_shown != (not self.address.isHidden(), not self._server_note.isHidden()):
            self.resized.emit()
