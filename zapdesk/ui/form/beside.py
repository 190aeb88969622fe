"""What stands above and below the fields: odd definitions, extra inputs, parked values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from zapdesk.ui.form.drawers import Drawer, extra_drawer, parked_drawer
from zapdesk.ui.form.notes import Oddities
from zapdesk.ui.form.paper import Slot
from zapdesk.ui.form.sketch.rows import TextSketch
from zapdesk.ui.look.metrics import M

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.services.forms import FormSession

PARKED = ("parked", "")
EXTRA = ("extra", "")
_ODDITIES = ("oddities", "")


def slots_above(session: FormSession) -> list[Slot]:
    """What is wrong with the definition itself."""
    sentences = session.state.oddities()
    if not sentences:
        return []
    text = "\n".join(sentences)
    sketch = TextSketch(text, size="small", tone="waiting", around=(0, M))
    return [Slot(_ODDITIES, lambda: Oddities(sentences), lambda: sketch, 40)]


def slots_below(session: FormSession, known: Callable[[Any], Slot | None]) -> list[Slot]:
    """Inputs that no field asks for and values without a field; ``known`` gives slots there are.

    They are rare, and made at once.
    """
    slots = []
    state = session.state
    if state.extra:
        slots.append(_drawer(known(EXTRA), EXTRA, lambda: extra_drawer(session), state.extra))
    if state.parked:
        slots.append(_drawer(known(PARKED), PARKED, lambda: parked_drawer(session), state.parked))
    return slots


def _drawer(
    old: Slot | None, key: tuple[str, str], make: Callable[[], Drawer], values: Mapping[str, Any]
) -> Slot:
    slot = Slot(key, make, lambda: TextSketch(""), 88)
    if old is not None and isinstance(old.widget, Drawer) and old.widget.values == values:
        slot.widget, slot.height, slot.width = old.widget, old.height, old.width
    return slot
