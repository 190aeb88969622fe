"""Opening a value that is more than a text, because a person asked for it.

A link goes through ui/links.py. An image is decoded off the GUI thread, within bounds. HTML is
shown as the text it is: nothing in it is loaded, run or laid out.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPixmap
from PySide6.QtWidgets import QFileDialog, QLabel, QWidget
from shiboken6 import isValid

from zapdesk.domain.facts import size_text
from zapdesk.domain.recognition import Special, encoded_part
from zapdesk.errors import InvalidInput
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.links import safe_open
from zapdesk.ui.parts import Button, PlainLabel
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.sheets import Sheet
from zapdesk.ui.viewers.raw_view import RawView

LARGEST_IMAGE_PIXELS = 40_000_000
_SHOWN_SIZE = QSize(960, 640)
_WIDTH = 720
_HEIGHT = 420


async def open_text(
    parent: QWidget, path: str, text: str, special: Special | None, tasks: LateTasks
) -> None:
    """Open ``text``, which stands at ``path`` of its document, as what it was recognised as;
    ``None`` shows all of it. Raises ZapdeskError where it cannot be opened.
    """
    match special:
        case Special.LINK:
            if not await safe_open(text, parent):
                raise InvalidInput("The link was not opened.")
        case Special.IMAGE:
            await _open_image(parent, path, text, tasks)
        case Special.BASE64:
            await _open_bytes(parent, path, text, tasks)
        case Special.HTML:
            told = "HTML, shown as text: nothing in it was loaded or run."
            _text_sheet(parent, path, text.encode("utf-8", "replace"), told, tasks)
        case None:
            told = f"{len(text):,} characters"
            _text_sheet(parent, path, text.encode("utf-8", "replace"), told, tasks)


def decoded(text: str) -> bytes:
    """The bytes of a text that was recognised as base64. Raises InvalidInput where it is none."""
    try:
        return base64.b64decode("".join(encoded_part(text).split()), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("This is no base64 after all.", "It ends in the middle.") from None


def read_image(content: bytes) -> tuple[QImage, QSize, str]:
    """An image, no larger than is shown, with its true size and format. For any thread.

    Raises InvalidInput for what is no image, or has more pixels than are decoded.
    """
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    size, name = reader.size(), bytes(reader.format().data()).decode("ascii", "replace").upper()
    if size.width() * size.height() > LARGEST_IMAGE_PIXELS:
        raise InvalidInput(f"This image has {size.width():,} × {size.height():,} pixels, too many.")
    if size.width() > _SHOWN_SIZE.width() or size.height() > _SHOWN_SIZE.height():
        reader.setScaledSize(size.scaled(_SHOWN_SIZE, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise InvalidInput("This image cannot be read.", "It is damaged, or of another kind.")
    return image, size if size.isValid() else image.size(), name


async def _open_image(parent: QWidget, path: str, text: str, tasks: LateTasks) -> None:
    import asyncio

    content = await asyncio.to_thread(decoded, text)
    image, size, name = await asyncio.to_thread(read_image, content)
    sheet = Sheet(parent, one_line(path, 120) or "Value", 400)
    told = f"{name}, {size.width():,} × {size.height():,} pixels, {size_text(len(content))}"
    _head(sheet, path, told)
    picture = QLabel()
    picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
    picture.setPixmap(QPixmap.fromImage(image))
    picture.setAccessibleName(f"Image: {told}")
    sheet.column.addWidget(picture, 1)
    _finish(sheet, content, f"image.{name.lower()}", tasks)


async def _open_bytes(parent: QWidget, path: str, text: str, tasks: LateTasks) -> None:
    import asyncio

    content = await asyncio.to_thread(decoded, text)
    size = size_text(len(content))
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        sheet = Sheet(parent, one_line(path, 120) or "Value", 400)
        _head(sheet, path, f"Base64 of {size} that are no text.")
        _finish(sheet, content, "value.bin", tasks)
    else:
        _text_sheet(parent, path, content, f"Base64 of {size} of text, decoded", tasks)


def _text_sheet(parent: QWidget, path: str, content: bytes, told: str, tasks: LateTasks) -> None:
    sheet = Sheet(parent, one_line(path, 120) or "Value", _WIDTH)
    _head(sheet, path, told)
    view = RawView("Value", tasks)
    view.setMinimumHeight(_HEIGHT)
    view.show_document(content)
    sheet.column.addWidget(view, 1)
    sheet.finished.connect(lambda: view.show_document(b""))  # stops what still reads it
    _finish(sheet, content, "value.txt", tasks)


def _head(sheet: Sheet, path: str, told: str) -> None:
    sheet.column.addWidget(PlainLabel(path or "Value", mono=True, bold=True, elide=True))
    sheet.column.addWidget(PlainLabel(told, tone="muted", wrap=True))


def _finish(sheet: Sheet, content: bytes, name: str, tasks: LateTasks) -> None:
    save = sheet.add_button(Button("Save as…", icon="download"))
    said = PlainLabel(tone="muted", wrap=True)
    said.hide()
    sheet.column.addWidget(said)

    def say(text: str) -> None:
        if isValid(sheet):
            said.setText(text)
            said.show()

    def choose() -> None:
        dialog = QFileDialog(sheet, "Save the value", name)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(
            lambda file: tasks.start(_save(Path(file), content, say), name="save a value")
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    save.clicked.connect(choose)
    sheet.finish()
    sheet.open()


async def _save(file: Path, content: bytes, say: Callable[[str], object]) -> None:
    import asyncio

    try:
        await asyncio.to_thread(file.write_bytes, content)
        text = f"Saved as {file}."
    except OSError as error:
        text = f"{file.name} was not written: {error.strerror}."
    say(text)
