"""The look: every token can be read on what it stands on, and nothing but tokens names a colour."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from zapdesk.domain.runs import RunStatus
from zapdesk.paths import resource
from zapdesk.ui.look.icons import IconSet
from zapdesk.ui.look.theme import Theme, style_sheet, theme
from zapdesk.ui.look.tokens import Scheme, load_tokens
from zapdesk.ui.parts import (
    STATUS_LOOKS,
    KindTag,
    Monogram,
    PlainLabel,
    SearchBox,
    StatusMark,
    kind_word,
    readable_on,
    status_look,
)
from zapdesk.ui.plain_text import one_line, visible_text

SCHEMES: tuple[Scheme, ...] = ("light", "dark")
GROUNDS = ("background", "surface", "raised", "hover", "selected")
STATUS_TOKENS = ("success", "error", "waiting", "unknown", "refused", "not_sent")
TEXTS = ("text", "muted", "accent", *STATUS_TOKENS)


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Theme]:
    assert isinstance(qapp, QApplication)
    found = qapp.findChild(Theme) or Theme(qapp)
    found.choose("light")
    yield found
    found.choose("system")


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
def test_text_has_a_contrast_of_four_and_a_half(scheme: Scheme, ground: str, text: str) -> None:
    tokens = load_tokens(scheme)
    assert contrast(tokens[text], tokens[ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("accent_text", "accent"),
        ("accent_text", "accent_hover"),
        ("accent_text", "accent_pressed"),
        *(
            (text, ground)
            for text in ("text", "accent", "muted")
            for ground in ("info_soft", "waiting_soft", "error_soft")
        ),
        ("waiting", "waiting_soft"),
        ("error", "error_soft"),
    ],
)
def test_text_on_coloured_grounds_can_be_read(scheme: Scheme, text: str, ground: str) -> None:
    tokens = load_tokens(scheme)
    assert contrast(tokens[text], tokens[ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", ["background", "surface", "raised"])
def test_the_lines_of_controls_and_the_focus_ring_have_a_contrast_of_three(
    scheme: Scheme, ground: str
) -> None:
    tokens = load_tokens(scheme)
    for line in ("control_line", "accent", *STATUS_TOKENS):
        assert contrast(tokens[line], tokens[ground]) >= 3


def test_both_themes_have_the_same_tokens() -> None:
    assert load_tokens("light").keys() == load_tokens("dark").keys()


def test_a_token_that_is_no_colour_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "light.toml").write_text('text = "red"')
    monkeypatch.setattr("zapdesk.ui.look.tokens.resource", lambda *_: tmp_path / "light.toml")
    with pytest.raises(ValueError, match="text is not a colour"):
        load_tokens.__wrapped__("light")


def test_every_token_is_used_somewhere() -> None:
    package = Path(load_tokens.__wrapped__.__code__.co_filename).parent
    sources = "".join(p.read_text("utf-8") for p in package.rglob("*.py"))
    sheets = "".join(p.read_text("utf-8") for p in resource("styles").glob("*.qss"))
    unused = [t for t in load_tokens("light") if f"${t}" not in sheets and f'"{t}"' not in sources]
    assert unused == []


def test_nothing_but_the_themes_names_a_colour() -> None:
    package = Path(load_tokens.__wrapped__.__code__.co_filename).parent
    hex_color = re.compile(r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{3}\b|\brgba?\(\s*\d")
    files = [*package.rglob("*.py"), *resource("styles").glob("*.qss")]
    files += resource("icons").glob("*.svg")
    named = [p.name for p in files if hex_color.search(p.read_text("utf-8"))]
    assert named == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_style_sheets_are_filled_completely(scheme: Scheme) -> None:
    sheet = style_sheet(load_tokens(scheme), "Mono")
    assert "$" not in sheet
    assert load_tokens(scheme)["accent"] in sheet
    assert sheet.count("{") == sheet.count("}")


def test_an_unknown_token_in_a_style_sheet_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = dict(load_tokens("light"))
    del tokens["accent"]
    with pytest.raises(KeyError, match="accent"):
        style_sheet(tokens, "Mono")


def test_style_sheets_are_numbered_so_that_their_order_is_certain() -> None:
    names = sorted(p.name for p in resource("styles").iterdir())
    assert names
    assert all(re.fullmatch(r"\d\d_[a-z]+\.qss", name) for name in names)


def test_a_choice_changes_palette_and_style_sheet_at_once(look: Theme, qapp: QApplication) -> None:
    changes: list[bool] = []
    look.changed.connect(lambda: changes.append(look.is_dark))
    look.choose("dark")
    assert qapp.palette().window().color() == QColor(load_tokens("dark")["background"])
    assert load_tokens("dark")["surface"] in qapp.styleSheet()
    look.choose("light")
    assert qapp.palette().window().color() == QColor(load_tokens("light")["background"])
    assert changes == [True, False]


def test_the_system_scheme_is_followed_and_unknown_means_light(
    look: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Qt.ColorScheme.Dark

    class Hints:
        def colorScheme(self) -> Qt.ColorScheme:
            return shown

    monkeypatch.setattr("zapdesk.ui.look.theme.QGuiApplication.styleHints", lambda: Hints())
    look.choose("system")
    assert look.is_dark
    shown = Qt.ColorScheme.Unknown
    look._follow()
    assert not look.is_dark


def test_theme_finds_the_one_of_the_application(look: Theme) -> None:
    assert theme() is look


def test_fonts_come_in_four_sizes(look: Theme) -> None:
    sizes = [look.font(size).pixelSize() for size in ("small", "body", "large", "title")]
    assert sizes == [11, 13, 15, 20]
    assert look.font(mono=True).family() != ""
    assert look.font(bold=True).weight() > look.font().weight()


ICONS = sorted(path.stem for path in resource("icons").glob("*.svg"))


@pytest.mark.parametrize("name", ICONS)
@pytest.mark.parametrize(("size", "ratio"), [(16, 1.0), (20, 2.0)])
def test_every_icon_is_drawn_in_the_token_s_colour(
    look: Theme, name: str, size: int, ratio: float
) -> None:
    image = look.pixmap(name, "error", size, ratio).toImage()
    assert image.size() == QSize(size, size) * ratio
    painted = list(solid_pixels(image))
    assert painted
    wanted = look.color("error")
    assert all(is_near(color, wanted) for color in painted)


def solid_pixels(image: QImage) -> Iterator[QColor]:
    for y in range(image.height()):
        for x in range(image.width()):
            color = image.pixelColor(x, y)
            if color.alpha() > 150:
                yield color


def is_near(one: QColor, other: QColor) -> bool:
    """Equal but for the rounding of premultiplied colours."""
    red, green, blue = (one.red(), one.green(), one.blue())
    return max(abs(red - other.red()), abs(green - other.green()), abs(blue - other.blue())) <= 2


def test_icons_keep_clear_of_the_edge() -> None:
    for name in ICONS:
        image = IconSet(lambda _: "#000000").pixmap(name, "text", 16, 4.0).toImage()
        edge = [image.pixelColor(i, j).alpha() for i in range(64) for j in (0, 63)]
        edge += [image.pixelColor(j, i).alpha() for i in range(64) for j in (0, 63)]
        assert max(edge) == 0, name


def test_an_icon_follows_a_change_of_theme_without_being_set_again(look: Theme) -> None:
    button = QPushButton()
    button.setIcon(look.icon("run", "text"))
    for choice in SCHEMES:
        look.choose(choice)
        for mode, token in ((QIcon.Mode.Normal, "text"), (QIcon.Mode.Disabled, "faint")):
            painted = list(solid_pixels(button.icon().pixmap(QSize(32, 32), 1.0, mode).toImage()))
            wanted = QColor(load_tokens(choice)[token])
            assert painted
            assert all(is_near(color, wanted) for color in painted)


def test_tinted_icons_live_in_qt_alone_and_are_copied_and_dropped_thousands_of_times(
    look: Theme,
) -> None:
    for _ in range(2_000):
        icon = QIcon(look.icon("run"))
        icon.addPixmap(look.pixmap("check"))  # makes Qt clone the engine
        assert not icon.isNull()


def test_a_missing_icon_is_an_error_where_it_is_drawn(look: Theme) -> None:
    with pytest.raises(FileNotFoundError):
        look.pixmap("no-such-icon")


def test_every_status_has_a_word_an_icon_and_a_colour_and_unknown_ones_are_never_success() -> None:
    assert set(STATUS_LOOKS) == set(RunStatus)
    for look_of in STATUS_LOOKS.values():
        assert look_of.word
        assert look_of.icon in ICONS
        assert look_of.token in load_tokens("light")
    assert status_look("submitting") == status_look("waiting")
    assert status_look("lost") == status_look("unknown") == status_look("brand_new")


def test_a_status_mark_says_its_word(look: Theme) -> None:
    mark = StatusMark("waiting")
    mark.set_status("success")
    assert mark.accessibleName() == "Success"
    assert [label.text() for label in mark.findChildren(PlainLabel)] == ["Success"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ntext\tstays", "plain\ntext\tstays"),
        ("exe\u202egnp", "exe⟨U+202E⟩gnp"),
        ("a\u2066b\u2069", "a⟨U+2066⟩b⟨U+2069⟩"),
        ("bell\x07 nul\x00 esc\x1b", "bell⟨U+0007⟩ nul⟨U+0000⟩ esc⟨U+001B⟩"),
        ("zero\u200bwidth \ufeffbom", "zero⟨U+200B⟩width ⟨U+FEFF⟩bom"),
        ("line\u2028sep", "line⟨U+2028⟩sep"),
        ("half \ud800 pair", "half ⟨U+D800⟩ pair"),
        ("tag\U000e0041", "tag⟨U+E0041⟩"),
        ("dos\r\nline", "dos\nline"),
        ("👨\u200d👩 क\u094d\u200dष ❤\ufe0f", "👨\u200d👩 क\u094d\u200dष ❤\ufe0f"),
    ],
)
def test_hidden_characters_are_written_out(text: str, shown: str) -> None:
    assert visible_text(text) == shown


def test_long_texts_are_cut_before_they_are_worked_on() -> None:
    assert visible_text("x" * 10_000_000, 5) == "xxxx…"
    assert one_line("a  b\n\n c" + " d" * 1_000_000, 6) == "a b c…"


def test_markup_from_a_server_is_shown_and_not_obeyed(look: Theme) -> None:
    label = PlainLabel("<b>bold</b> <img src='file:///etc/passwd'>", elide=True)
    assert label.textFormat() is Qt.TextFormat.PlainText
    label.resize(40, 20)
    label.setText("<b>bold</b> and more")
    assert label.text().endswith("…")
    assert "&lt;b&gt;bold" in label.toolTip()
    assert label.whole_text == "<b>bold</b> and more"


def test_a_part_without_a_parent_never_opens_a_window_of_its_own(
    look: Theme, qapp: QApplication
) -> None:
    parts: list[QWidget] = [KindTag("WRITE"), KindTag(""), StatusMark("error"), Monogram("T")]
    assert not any(part.isVisible() for part in parts)
    tag = KindTag("")
    tag.set_kind("READ")
    assert not tag.isVisible()


def test_kinds_are_words_and_a_new_kind_is_shown_as_it_came() -> None:
    assert kind_word("SEARCH_OR_WRITE") == "Search or write"
    assert kind_word("TELEPORT_BULK") == "Teleport bulk"


@pytest.mark.parametrize("color", ["#000000", "#FFFFFF", "#3F51D9", "#FFC83D", "#808080"])
def test_a_monogram_can_be_read_on_any_colour(color: str) -> None:
    assert contrast(readable_on(QColor(color)).name(), color) >= 4.5


@pytest.mark.parametrize("hex_color", ["#FFC83D", "FFC83D", "", "javascript", "#12345"])
@pytest.mark.parametrize("title", ["Tables", "", "⚡", "\u202e", "שלום"])
def test_a_monogram_survives_any_title_and_colour(look: Theme, title: str, hex_color: str) -> None:
    tile = Monogram(title, hex_color, 24)
    assert not tile.grab().isNull()


def test_escape_empties_a_search_box_and_then_leaves_it(look: Theme) -> None:
    from PySide6.QtTest import QTest

    box = SearchBox("Find…")
    QTest.keyClicks(box, "mail")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert box.text() == ""


def test_the_theme_files_are_plain_tables_of_colours() -> None:
    for scheme in SCHEMES:
        table = tomllib.loads(resource("themes", f"{scheme}.toml").read_text("utf-8"))
        assert all(isinstance(value, str) for value in table.values())
