"""The first frame: it shows what the real window shows, at the same pixels, and loses no key."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from tests.benchmarks.first_paint import fill_state
from tests.ui.placeholders import destroy, texts
from zapdesk.paths import Paths
from zapdesk.services import first_frame
from zapdesk.storage.glance import Glance, read_glance
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.shell.first_frame import EMPTY_DETAIL, EMPTY_FORM, FirstFrame
from zapdesk.ui.shell.main_window import MainWindow
from zapdesk.ui.shell.panels import Panels
from zapdesk.ui.shell.snapshot import WindowOptions, load_snapshot

pytest_plugins = ["tests.ui.window_fixtures"]


def framed(paths: Paths) -> MainWindow:
    """A window that shows its first frame."""
    beginning, glance = first_frame.glance(paths)
    window = MainWindow(paths)
    window.setCentralWidget(FirstFrame(beginning, glance, window.settings()))
    return window


def furnish(window: MainWindow, theme: Theme, paths: Paths) -> None:
    window.furnish(theme, Panels.build(theme))
    window.show_snapshot(load_snapshot(paths, WindowOptions()))
    window.reveal()


def remember(theme: Theme, paths: Paths, size: tuple[int, int]) -> None:
    """End a session whose window was of a size."""
    window = framed(paths)
    furnish(window, theme, paths)
    window.resize(*size)
    window.show()
    QApplication.sendPostedEvents()
    destroy(window)


def picture(window: QWidget) -> QImage:
    QApplication.sendPostedEvents()
    return window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def same_share(one: QImage, other: QImage, area: QRect) -> float:
    """How many of the pixels of an area are the same in both pictures."""
    inside = one.copy(area), other.copy(area)
    pairs = [
        inside[0].pixel(x, y) == inside[1].pixel(x, y)
        for x in range(area.width())
        for y in range(area.height())
    ]
    return sum(pairs) / len(pairs)


@pytest.mark.parametrize("choice", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (1500, 930)])
def test_texts_and_lines_stand_where_the_real_window_puts_them(
    home: Path, look: Theme, choice: str, size: tuple[int, int]
) -> None:
    paths = Paths.find()
    fill_state(paths, apps=60, runs=30)
    with paths.settings.open("a", encoding="utf-8") as file:
        file.write(f'theme = "{choice}"\n')
    look.choose(choice)
    remember(look, paths, size)
    window = framed(paths)
    window.show()
    before = picture(window)
    furnish(window, look, paths)
    after = picture(window)
    workspace = window.workspace
    history, catalog = (
        QRect(part.mapTo(window, part.rect().topLeft()), part.size())
        for part in (window._panels.runs, window._panels.catalog)
    )
    middle = QRect(catalog.right() + 1, catalog.top(), workspace.width(), catalog.height())
    title = next(
        label.mapTo(window, label.rect().topLeft()).y()
        for label in window._panels.action.findChildren(QLabel)
        if label.text() == EMPTY_FORM[0]
    )
    areas = {
        "profile": QRect(0, 0, 100, 44),
        "placeholder": QRect(170, 12, 300, 24),
        "kinds": QRect(20, 52, 24, 22),
        "titles of apps": QRect(50, catalog.top() + 38, 150, catalog.height() - 38),
        "line beside the apps": QRect(catalog.right(), catalog.top(), 3, catalog.height()),
        "empty areas": middle.adjusted(0, title - middle.top(), -catalog.width(), 0),
        "states": QRect(280, history.top(), 300, 48),
        "columns and days": QRect(0, history.top() + 48, size[0] - 14, 61),
        "app, action, connection, start": QRect(
            116, history.top() + 109, 640, history.height() - 109
        ),
    }
    try:
        for name, area in areas.items():
            assert same_share(before, after, area) == 1, name
        assert same_share(before, after, before.rect()) > 0.98
    finally:
        look.choose("light")
        destroy(window)


@pytest.mark.parametrize("choice", ["light", "dark"])
@pytest.mark.parametrize("whom", ["", "Marina Holt"])
def test_a_live_profile_is_marked_from_the_first_frame_and_named_by_the_task_bar(
    home: Path, look: Theme, choice: str, whom: str
) -> None:
    """So is the end user whom a partner acts for in it."""
    paths = Paths.find()
    fill_state(paths, apps=3, runs=0)
    paths.settings.write_text(
        f'theme = "{choice}"\nprofile = "work"\n[profiles.work]\nname = "Work & Co"\n'
        'base_url = "https://api.example.com"\ncolour = "#0F7490"\n'
        f'sign_in = "partner"\n[profiles.work.partner]\nuser = "{whom}"\n'
    )
    look.choose(choice)
    window = framed(paths)
    window.resize(1280, 800)
    window.show()
    before = picture(window)
    furnish(window, look, paths)
    after = picture(window)
    try:
        for name, area in {
            "dot, name and mark": QRect(0, 0, 240 if whom else 140, 44),
            "placeholder": QRect(340 if whom else 230, 12, 190, 24),
        }.items():
            assert same_share(before, after, area) == 1, name
        title = f"Work & Co for {whom} — zapdesk" if whom else "Work & Co — zapdesk"
        assert window.windowTitle() == title
        assert ("acting for" in window.top_bar.chip.accessibleName()) is bool(whom)
        assert window.windowIcon().pixmap(64, 64).toImage().pixelColor(50, 50).name() == "#0f7490"
    finally:
        look.choose("light")
        destroy(window)


@pytest.mark.parametrize("size", [(900, 600), (1090, 720)])
def test_a_narrow_window_has_its_tabs_and_the_empty_form_from_the_first_frame(
    home: Path, look: Theme, size: tuple[int, int]
) -> None:
    paths = Paths.find()
    fill_state(paths, apps=60, runs=30)
    remember(look, paths, size)
    window = framed(paths)
    window.show()
    before = picture(window)
    furnish(window, look, paths)
    after = picture(window)
    centre = window.workspace.tabs.parentWidget()
    assert centre is not None
    middle = QRect(centre.mapTo(window, centre.rect().topLeft()), centre.size())
    title = next(
        label.mapTo(window, label.rect().topLeft()).y()
        for label in window._panels.action.findChildren(QLabel)
        if label.text() == EMPTY_FORM[0]
    )
    try:
        assert window.workspace.is_narrow
        tabs = QRect(middle.left() - 1, middle.top(), middle.width(), 40)
        assert same_share(before, after, tabs) == 1
        words = QRect(middle.left(), title, middle.width(), middle.bottom() - title)
        assert same_share(before, after, words) == 1
    finally:
        destroy(window)


@pytest.mark.parametrize("choice", ["light", "dark"])
@pytest.mark.parametrize("size", [(900, 600), (1280, 800)])
def test_a_first_start_offers_all_ways_from_the_first_frame(
    home: Path, look: Theme, choice: str, size: tuple[int, int]
) -> None:
    paths = Paths.find().create()
    paths.settings.write_text(f'theme = "{choice}"\n', encoding="utf-8")
    look.choose(choice)
    remember(look, paths, size)
    window = framed(paths)
    window.show()
    before = picture(window)
    furnish(window, look, paths)
    after = picture(window)
    assert window.first_start is not None
    try:
        for label in window.first_start.findChildren(QLabel):
            if label.isVisible():
                words = QRect(label.mapTo(window, label.rect().topLeft()), label.size())
                assert same_share(before, after, words) == 1, label.text()
        page = window.first_start
        for button in (page.sandbox_button, page.sign_in_button, page.token_button):
            # But for its edges: who has the focus is known to the window alone.
            inside = QRect(button.mapTo(window, button.rect().topLeft()), button.size())
            assert same_share(before, after, inside.adjusted(8, 3, -8, -3)) == 1, button.text()
        assert same_share(before, after, before.rect()) > 0.995
    finally:
        look.choose("light")
        destroy(window)


def test_what_it_says_of_empty_areas_is_what_the_panels_say(home: Path, look: Theme) -> None:
    panels = Panels.build(look)
    try:
        assert set(EMPTY_FORM) <= set(texts(panels.action))
        assert set(EMPTY_DETAIL) <= set(texts(panels.detail))
    finally:
        for panel in panels.areas:
            panel.deleteLater()


def test_keys_pressed_before_the_window_is_whole_reach_the_search(home: Path, look: Theme) -> None:
    paths = Paths.find().create()
    fill_state(paths, apps=3, runs=0)
    window = framed(paths)
    window.show()
    try:
        QTest.keyClicks(window, "shex")
        QTest.keyClick(window, Qt.Key.Key_Backspace)
        furnish(window, look, paths)
        assert window._panels.catalog.search_box.text() == "she"
        QTest.keyClicks(window._panels.catalog.search_box, "et")
        assert window._panels.catalog.search_box.text() == "sheet"
    finally:
        destroy(window)


def test_a_window_that_is_closed_before_it_is_whole_says_so_once(home: Path, look: Theme) -> None:
    window = framed(Paths.find().create())
    ends: list[None] = []
    window.closed.connect(lambda: ends.append(None))
    window.show()
    window.close()
    window.close()
    assert (len(ends), window.is_closed) == (1, True)
    destroy(window)


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_store_that_cannot_be_read_shows_an_empty_frame(home: Path, content: bytes) -> None:
    paths = Paths.find().create()
    paths.database.write_bytes(content)
    assert read_glance(paths.database, "sandbox") == Glance([], [])


def test_the_frame_and_the_snapshot_behind_it_show_the_same(home: Path) -> None:
    paths = Paths.find()
    fill_state(paths, apps=20, runs=8)
    _, glance = first_frame.glance(paths)
    later = load_snapshot(paths, WindowOptions())
    assert glance.apps == [(app.title, app.hex_color) for app in later.apps]
    assert [run.created_ms for run in glance.runs] == [run.created_ms for run in later.runs]
    assert [run.status for run in glance.runs] == [run.status.value for run in later.runs]


def test_sizes_of_the_last_session_are_kept_by_the_frame(home: Path, look: Theme) -> None:
    paths = Paths.find()
    fill_state(paths, apps=20, runs=8)
    window = framed(paths)
    furnish(window, look, paths)
    window.resize(1280, 800)
    window.show()
    QApplication.sendPostedEvents()
    window.workspace._upper.setSizes([400, 879])
    QApplication.sendPostedEvents()
    destroy(window)
    again = framed(paths)
    again.show()
    before = picture(again)
    furnish(again, look, paths)
    after = picture(again)
    edge = QRect(398, 44, 10, 300)  # beside the scroll bar, which the frame leaves out
    try:
        assert before.pixel(400, 100) == after.pixel(400, 100)
        assert same_share(before, after, edge) == 1
    finally:
        destroy(again)
