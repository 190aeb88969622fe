"""Drafts and presets of forms: saved by themselves, brought back after a crash, named and shared.

PASSWORD values are in none of them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced

from zapdesk.domain.definitions import document, read_definition, write_definition
from zapdesk.domain.drafts import Draft, Preset, free_name
from zapdesk.domain.fields import FormNode, InputField, input_fields
from zapdesk.domain.filling import Filling
from zapdesk.domain.form_facts import Origin
from zapdesk.domain.payload import read_json, write_json
from zapdesk.domain.values import is_missing
from zapdesk.errors import InvalidInput, StorageUnusable, ZapdeskError
from zapdesk.services.form_changes import FormChange
from zapdesk.services.form_service import FormService
from zapdesk.services.forms import FormSession
from zapdesk.services.watching import now_ms
from zapdesk.storage.drafts import Drafts, checked_name
from zapdesk.tasks import TaskOwner

_logger = logging.getLogger(__name__)

SAVE_AFTER_S = 1.0
"""From the last change to the save: well within the two seconds that are promised."""
SAVE_AT_LATEST_S = 1.8
UNDO_MS = 24 * 3600 * 1000
"""For so long a deleted preset can be brought back."""

_FORMAT = "zapdesk preset"


@dataclass(frozen=True, slots=True)
class PresetReport:
    """What loading a preset would do, found out before anything is changed.

    ``dropped`` are titles of values that no field takes any more, ``added`` of fields that are
    new since it was saved, ``newly_required`` of fields without a value that are required now.
    ``nodes`` is the form that belongs to the preset's values; ``trouble`` says why the server
    could not be asked, and the rest is then judged by the form as it is.
    """

    preset: Preset
    nodes: tuple[FormNode, ...]
    dropped: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    newly_required: tuple[str, ...] = ()
    trouble: ZapdeskError | None = None

    @property
    def is_smooth(self) -> bool:
        """Whether there is nothing to tell before loading it."""
        return not (self.dropped or self.added or self.newly_required or self.trouble)


class DraftKeeper:
    """Saves one open form, soon after each change. ``place`` tells two open forms apart."""

    def __init__(self, profile_id: str, drafts: Drafts, place: str, session: FormSession) -> None:
        self._profile_id = profile_id
        self._drafts = drafts
        self._place = place
        self._session = session
        self._owner = TaskOwner()
        self._changed = asyncio.Event()
        self._saved = self._content(session.filling())
        self._is_failing = False
        self._unsubscribe = session.changed.subscribe(self._on_change)
        self._owner.start(self._keep(), "keep draft")

    async def close(self) -> None:
        """Save what is not saved yet, and stop."""
        self._unsubscribe()
        await self._owner.close()
        await self._save()

    def _on_change(self, change: FormChange) -> None:
        if change.kind in {"values", "fields", "loading"}:
            self._changed.set()

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._changed.wait()
            latest = loop.time() + SAVE_AT_LATEST_S
            while self._changed.is_set() and loop.time() < latest:
                self._changed.clear()
                await asyncio.sleep(min(SAVE_AFTER_S, max(0.0, latest - loop.time())))
            self._changed.clear()
            await self._save()
            if self._is_failing:
                self._changed.set()  # the store may work again

    def _content(self, filling: Filling) -> tuple[str | None, bytes]:
        # As bytes: 1, true and 1.0 are equal in Python, but not the same values.
        authentication = self._session.authentication
        return authentication.id if authentication else None, filling.write()

    async def _save(self) -> None:
        filling = self._session.filling()
        content = self._content(filling)
        if content == self._saved:
            return
        draft = Draft(self._place, self._session.action.reference, content[0], filling, now_ms())
        try:
            await self._drafts.keep(self._profile_id, draft)
        except StorageUnusable as error:
            if not self._is_failing:
                _logger.warning("drafts cannot be saved: %s", error)
            self._is_failing = True
        else:
            self._saved, self._is_failing = content, False


class DraftService:
    """Drafts and presets of one profile."""

    def __init__(self, profile_id: str, forms: FormService, drafts: Drafts) -> None:
        self._profile_id = profile_id
        self._forms = forms
        self._drafts = drafts

    # Drafts

    async def restore(self, place: str, session: FormSession) -> Draft | None:
        """Fill a form just opened, before its ``load``, with its draft, if there is one."""
        draft = await self._drafts.find(self._profile_id, place, session.action.reference)
        if draft is not None and session.state.filling().is_empty:
            session.prefill(draft.filling)
            session.changed.announce(FormChange("values"))
        return draft

    def keep(self, place: str, session: FormSession) -> DraftKeeper:
        """Save the form from now on, until the keeper is closed."""
        return DraftKeeper(self._profile_id, self._drafts, place, session)

    async def drop_place(self, place: str) -> None:
        """Forget the drafts of a tab that was closed."""
        await self._drafts.drop_place(self._profile_id, place)

    # Presets

    async def presets(self, session: FormSession) -> tuple[Preset, ...]:
        """The presets of the form's action, by name."""
        return await self._drafts.presets(self._profile_id, session.action.reference)

    async def save(self, session: FormSession, name: str, *, replace: bool = False) -> None:
        """Save what the form holds under ``name``.

        Raises InvalidInput for a name that is none, or is taken unless ``replace``.
        """
        await self._drafts.save_preset(
            self._profile_id,
            session.action.reference,
            name,
            replaced(session.filling(), again_of=""),
            write_definition(session.state.nodes),
            now_ms(),
            replace=replace,
        )

    async def rename(self, preset: Preset, name: str) -> None:
        """Raises InvalidInput where the name is taken or is none."""
        await self._drafts.rename_preset(preset.number, name)

    async def duplicate(self, preset: Preset, name: str) -> None:
        """Save a copy under ``name``. Raises InvalidInput where the name is taken or is none."""
        await self._drafts.save_preset(
            self._profile_id,
            preset.action,
            name,
            preset.filling,
            preset.definition,
            now_ms(),
        )

    async def delete(self, preset: Preset) -> None:
        """Delete a preset; ``undelete`` brings it back."""
        await self._drafts.sweep(now_ms() - UNDO_MS)
        await self._drafts.delete_preset(preset.number, now_ms())

    async def undelete(self, preset: Preset) -> None:
        """Bring a deleted preset back."""
        await self._drafts.restore_preset(preset.number)

    async def examine(self, session: FormSession, preset: Preset) -> PresetReport:
        """Find out what loading ``preset`` into the form would do; the form is not touched."""
        saved = _read(preset.definition)
        nodes, trouble = session.state.nodes, None
        fields = {f.id: f for f in input_fields((*saved, *nodes))}
        if any(f.invalidates_input_fields or f.depends_on for f in fields.values()):
            # Which fields there are depends on the values: only the server can tell.
            trial = self._forms.open(session.app, session.action, session.authentication)
            trial.prefill(preset.filling)
            try:
                await trial.load()
                await trial.settle()
            finally:
                await trial.close()
            if trial.trouble is None:
                nodes = trial.state.nodes
            trouble = trial.trouble
        return _report(preset, saved, nodes, trouble)

    def load(self, session: FormSession, report: PresetReport) -> None:
        """Put an examined preset into the form, in the place of what it holds."""
        session.state.replace_fields(report.nodes)
        session.fill(report.preset.filling, session.authentication, Origin.PRESET)


def _report(
    preset: Preset,
    saved: Sequence[FormNode],
    nodes: tuple[FormNode, ...],
    trouble: ZapdeskError | None,
) -> PresetReport:
    before = {f.id: f for f in input_fields(saved)}
    now = {f.id: f for f in input_fields(nodes)}
    values = preset.filling.values

    def is_taken(name: str) -> bool:
        return name in now and now[name].takes_input

    def needs_value(field: InputField) -> bool:
        was_required = field.id in before and before[field.id].is_required
        given = values.get(field.id, field.default_value or None)
        return field.is_required and not was_required and is_missing(given)

    return PresetReport(
        preset,
        nodes,
        dropped=tuple(before[n].name if n in before else n for n in values if not is_taken(n)),
        added=tuple(f.name for n, f in now.items() if n not in before and before),
        newly_required=tuple(f.name for f in now.values() if f.takes_input and needs_value(f)),
        trouble=trouble,
    )


def export_preset(preset: Preset, app_title: str) -> bytes:
    """A preset as a JSON file that ``import_preset`` reads."""
    return write_json(
        {
            "format": _FORMAT,
            "version": 1,
            "name": preset.name,
            "app": {"id": preset.action.app_id, "title": app_title},
            "action": {"key": preset.action.key, "action_type": preset.action.action_type},
            "filling": read_json(preset.filling.write()),
            "definition": [document(node) for node in _read(preset.definition)],
        },
        indent=2,
    )


async def import_preset(service: DraftService, session: FormSession, raw: bytes) -> str:
    """Keep the preset in a file under a free name, which is returned.

    Raises InvalidInput where the file is no preset, or one of another action.
    """
    match read_json(raw):
        case {
            "format": "zapdesk preset",
            "name": str(name),
            "action": {"key": str(key), "action_type": str(kind)},
            "filling": dict(filling),
            "definition": list(nodes),
        }:
            pass
        case _:
            raise InvalidInput("This file is not a preset of zapdesk.")
    reference = session.action.reference
    if (key, kind) != (reference.key, reference.action_type):
        raise InvalidInput(
            f"This preset belongs to the action '{key}', not to '{reference.key}'.",
            hint="Open that action and import it there.",
        )
    form = _read(write_json(nodes).decode())
    secret_ids = {field.id for field in input_fields(form) if field.is_secret}
    kept = Filling.read(write_json(filling)).without(secret_ids | session.state.secret_ids)
    taken = {preset.name for preset in await service.presets(session)}
    free = free_name(checked_name(name), taken)
    await service.duplicate(
        Preset(0, reference, free, kept, write_definition(form), now_ms()), free
    )
    return free


def _read(definition: str) -> tuple[FormNode, ...]:
    try:
        return read_definition(definition)
    except (KeyError, ValueError, TypeError, AttributeError):
        raise InvalidInput("The form in this preset cannot be read.") from None
