"""Which of the documented body shapes a server takes for a run, and how that is found out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from zapdesk.api.wire import error_items
from zapdesk.domain.profiles import BodyShape
from zapdesk.errors import ErrorItem, Refused, ZapdeskError

_SHAPES = (BodyShape.SPEC, BodyShape.GUIDE, BodyShape.MIXED)
_BODY_POINTERS = frozenset({"/data", "/data/inputs", "/data/input", "/input", "/action"})


def rejects_body(error: ZapdeskError) -> bool:
    """Whether ``error`` refuses the shape of a run's body, so that another shape may be tried.

    Only a 400 that cannot read the body, or that points at the body's own keys and not at a
    field below them, says that. Then nothing ran.
    """
    return isinstance(error, Refused) and error.status == 400 and _speak_of_body(error.items)


def is_shape_refused(status: int, body: bytes) -> bool:
    """The same of an answer as it was recorded."""
    return status == 400 and _speak_of_body(error_items(body) or ())


def _speak_of_body(items: Iterable[ErrorItem]) -> bool:
    return any(item.code == "parse_error" or item.pointer in _BODY_POINTERS for item in items)


class Shapes:
    """The shape in use, those refused since the last success, and the one that is kept."""

    def __init__(self, kept: BodyShape, on_kept: Callable[[BodyShape], None]) -> None:
        self.current = kept
        self._kept = kept
        self._on_kept = on_kept
        self._refused: set[BodyShape] = set()

    def recall(self, kept: BodyShape | None, refused: Iterable[BodyShape]) -> None:
        """Take over what another process has found out."""
        if kept is not None:
            self.current = self._kept = kept
        self._refused.update(refused)

    def next(self) -> BodyShape | None:
        """Another shape after the current one was refused; ``None`` once all were."""
        self._refused.add(self.current)
        untried = [shape for shape in _SHAPES if shape not in self._refused]
        if untried:
            return untried[0]
        self._refused.clear()
        self.current = self._kept
        return None

    def worked(self, shape: BodyShape) -> None:
        """A run was accepted in ``shape``: it is kept from now on."""
        self._refused.clear()
        if shape is not self._kept:
            self._kept = shape
            self._on_kept(shape)
