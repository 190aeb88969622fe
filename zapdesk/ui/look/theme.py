"""The look: tokens from TOML, style sheets filled with them, palette, fonts, icons.

There is one Theme per QApplication; ``theme()`` gives it. Colours are named by token everywhere;
only ``resources/themes`` says what a token looks like. Painting code asks for a colour each time
it paints, so a change of scheme needs no more than a repaint. The first frame, which is painted
before this is imported, takes its colours and fonts from ``tokens`` and ``fonts`` too.
"""

from __future__ import annotations

from functools import cache
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetrics,
    QGuiApplication,
    QIcon,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QApplication

from zapdesk.paths import resource
from zapdesk.ui.look.fonts import FontSize, system_font
from zapdesk.ui.look.icons import IconSet
from zapdesk.ui.look.metrics import FONT_PIXELS, ICON, RADIUS
from zapdesk.ui.look.tokens import Scheme, load_tokens

_SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@cache
def _style_template() -> Template:
    sheets = sorted(resource("styles").glob("[0-9][0-9]_*.qss"))
    return Template("\n".join(sheet.read_text("utf-8") for sheet in sheets))


def style_sheet(tokens: dict[str, str], mono_family: str) -> str:
    """The style sheets in the order of their numbers. Raises ``KeyError`` for an unknown token."""
    sizes = {f"font_{name}": f"{pixels}px" for name, pixels in FONT_PIXELS.items()}
    return _style_template().substitute(
        tokens, radius=f"{RADIUS}px", mono=f'"{mono_family}"', **sizes
    )


class Theme(QObject):
    """What the program looks like now. ``changed`` is emitted when the colours have changed."""

    changed = Signal()

    def __init__(
        self, application: QApplication, choice: str = "system", *, is_dressed: bool = True
    ) -> None:
        super().__init__(application)
        self._is_dressed = is_dressed
        application.setObjectName("zapdesk")
        application.setStyle("Fusion")
        self._application = application
        self._choice = choice
        self._metrics: dict[tuple[FontSize, bool, bool], QFontMetrics] = {}
        self._mono = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
        self._icons = IconSet(lambda token: self.tokens[token])
        self._scheme: Scheme = self._wanted_scheme()
        self.tokens = load_tokens(self._scheme)
        application.setFont(self.font())
        self._apply()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)

    def dress(self) -> None:
        """Put the style sheets on.

        A window that is built before costs a quarter of the time: a widget with style sheets is
        styled anew, with everything in it, whenever it gets another parent.
        """
        self._is_dressed = True
        self._apply()

    @property
    def is_dark(self) -> bool:
        return self._scheme == "dark"

    @property
    def choice(self) -> str:
        """What the user chose; ``system`` follows the desktop while the program runs."""
        return self._choice

    def choose(self, choice: str) -> None:
        """Use the ``light`` or the ``dark`` scheme; anything else follows the system."""
        self._choice = choice
        self._follow()

    def color(self, token: str) -> QColor:
        """The present colour of a token. Raises ``KeyError`` where there is no such token."""
        return QColor(self.tokens[token])

    def font(self, size: FontSize = "body", *, bold: bool = False, mono: bool = False) -> QFont:
        """The system's font (or its monospaced one) in one of the four sizes; figures tabular."""
        font = system_font(size, bold=bold)
        if mono:
            font.setFamily(self._mono)
            font.setStyleHint(QFont.StyleHint.Monospace)
        return font

    def metrics(
        self, size: FontSize = "body", *, bold: bool = False, mono: bool = False
    ) -> QFontMetrics:
        """How large texts in that font are."""
        key = (size, bold, mono)
        found = self._metrics.get(key)  # not for longer than the application: Qt would crash
        if found is None:
            found = self._metrics[key] = QFontMetrics(self.font(size, bold=bold, mono=mono))
        return found

    def icon(self, name: str, token: str = "muted", active: str = "") -> QIcon:
        """An icon that is repainted in the colours of whatever theme is in use."""
        return self._icons.icon(name, token, active or token)

    def pixmap(
        self, name: str, token: str = "muted", size: int = ICON, ratio: float = 1.0
    ) -> QPixmap:
        """An icon in the present colours, for painting: ask again at every paint."""
        return self._icons.pixmap(name, token, size, ratio)

    def _wanted_scheme(self) -> Scheme:
        for scheme in _SCHEMES:
            if self._choice == scheme:
                return scheme
        is_dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return "dark" if is_dark else "light"

    def _follow(self) -> None:
        wanted = self._wanted_scheme()
        if wanted != self._scheme:
            self._scheme = wanted
            self.tokens = load_tokens(wanted)
            self._apply()
            self.changed.emit()

    def _apply(self) -> None:
        self._application.setPalette(_palette(self.tokens))
        if self._is_dressed:
            self._application.setStyleSheet(style_sheet(self.tokens, self._mono))


def theme() -> Theme:
    """The theme of the running application. Raises ``RuntimeError`` where none was set up."""
    application = QApplication.instance()
    found = application.findChild(Theme) if application is not None else None
    if found is None:
        raise RuntimeError("no theme: construct Theme(application) first")
    return found


def _palette(tokens: dict[str, str]) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for color_role, token in (
        (role.Window, "background"),
        (role.WindowText, "text"),
        (role.Base, "surface"),
        (role.AlternateBase, "background"),
        (role.Text, "text"),
        (role.Button, "surface"),
        (role.ButtonText, "text"),
        (role.BrightText, "error"),
        (role.ToolTipBase, "raised"),
        (role.ToolTipText, "text"),
        (role.PlaceholderText, "muted"),
        (role.Highlight, "accent"),
        (role.HighlightedText, "accent_text"),
        (role.Link, "accent"),
        (role.LinkVisited, "accent"),
        (role.Accent, "accent"),
        (role.Light, "raised"),
        (role.Midlight, "line"),
        (role.Mid, "line_strong"),
        (role.Dark, "control_line"),
        (role.Shadow, "control_line"),
    ):
        palette.setColor(color_role, QColor(tokens[token]))
    disabled = QPalette.ColorGroup.Disabled
    for color_role in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(disabled, color_role, QColor(tokens["faint"]))
    return palette
