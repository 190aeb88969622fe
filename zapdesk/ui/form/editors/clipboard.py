"""The clipboard: text exactly as it is, and pieces that stay pieces inside zapdesk."""

from __future__ import annotations

from PySide6.QtCore import QMimeData

from zapdesk.domain.payload import read_json, write_json
from zapdesk.domain.pieces import Mapped, from_document, to_document
from zapdesk.errors import InvalidInput

_OWN_FORMAT = "application/x-zapdesk-text"
_VALUE_FORMAT = "application/x-zapdesk-value"


def pasted_text(source: QMimeData) -> str:
    """The text of a clipboard, exactly."""
    if source.hasFormat(_OWN_FORMAT):
        return bytes(source.data(_OWN_FORMAT).data()).decode("utf-8", "surrogatepass")
    text = source.text()
    # Qt takes a byte order mark off what it decodes.
    has_mark = bytes(source.data("text/plain").data()).startswith(b"\xef\xbb\xbf")
    return "\ufeff" + text if has_mark and not text.startswith("\ufeff") else text


def pasted_value(source: QMimeData) -> Mapped | str:
    """The text of a clipboard, with the pieces that were copied inside zapdesk."""
    if source.hasFormat(_VALUE_FORMAT):
        try:
            value = from_document(read_json(bytes(source.data(_VALUE_FORMAT).data())))
        except InvalidInput:
            value = None  # put there by another program, or another version
        if isinstance(value, (Mapped, str)):
            return value
    return pasted_text(source)


def copied(value: Mapped | str) -> QMimeData:
    """What goes to the clipboard for a text; other programs get pieces between braces."""
    text = value.text if isinstance(value, Mapped) else value
    exact = text.encode("utf-8", "surrogatepass")
    data = QMimeData()
    data.setText(text)
    if data.text().encode("utf-8", "surrogatepass") != exact:  # a QString drops some characters
        data.setData(_OWN_FORMAT, exact)
    if isinstance(value, Mapped):
        data.setData(_VALUE_FORMAT, write_json(to_document(value)))
    return data
