"""Profiles in the window: found, made, changed and removed, by keys alone where that is fastest."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from tests.conftest import RunOnQt
from tests.services.desk import order
from tests.ui.profile_desk import ProfileDesk, profile_desk
from zapdesk.domain.partner import Partner
from zapdesk.domain.profile_editing import fresh
from zapdesk.domain.profiles import SANDBOX_ID, ZAPIER, ServerKind, SignInKind, custom
from zapdesk.domain.runs import RunStatus
from zapdesk.ui.accounts.profile_editor import ProfileEditor
from zapdesk.ui.accounts.profile_fields import ProfileFields
from zapdesk.ui.accounts.profile_files import import_question
from zapdesk.ui.accounts.profile_keeping import deletion_words
from zapdesk.ui.accounts.profile_page import ProfilePage
from zapdesk.ui.accounts.profile_switcher import ProfileSwitcher
from zapdesk.ui.accounts.profile_words import sign_in_words
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.notices import ConfirmDialog

# Offscreen windows complain of size hints.
pytestmark = pytest.mark.qt_log_ignore("does not support")


@pytest.fixture
def look(qapp: QApplication) -> Theme:
    return qapp.findChild(Theme) or Theme(qapp)


async def made(desk: ProfileDesk, *names: str) -> None:
    for name in names:
        await desk.program.profiles.create(fresh(name, ServerKind.SANDBOX))


def texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def test_ctrl_e_some_letters_and_enter_go_to_another_profile(
    look: Theme, qt_run: RunOnQt, home: Path
) -> None:
    async def scenario() -> None:
        async with profile_desk(look) as desk:
            await made(desk, "Playground", "Plan B")
            desk.window.activateWindow()
            QTest.keyClick(desk.window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
            switcher = await desk.shown(ProfileSwitcher)
            assert switcher.list.count == 4
            assert switcher.list.marked_id == "sandbox"
            QTest.keyClicks(switcher.search, "pl")
            assert switcher.list.count == 2
            QTest.keyClick(switcher.search, Qt.Key.Key_Down)
            QTest.keyClick(switcher.search, Qt.Key.Key_Return)
            await desk.until(lambda: desk.went_to == ["Plan B"])
            assert not QApplication.activePopupWidget()
            QTest.mouseClick(desk.window.top_bar.chip, Qt.MouseButton.LeftButton)
            switcher = await desk.shown(ProfileSwitcher)
            QTest.keyClicks(switcher.search, "nobody")
            assert "No profile has this name." in texts(switcher)
            QTest.keyClick(switcher.search, Qt.Key.Key_Return)  # there is nothing to go to
            assert switcher.isVisible()
            QTest.keyClick(switcher.search, Qt.Key.Key_Escape)  # empties the box
            QTest.keyClick(switcher.search, Qt.Key.Key_Escape)  # leaves it
            await desk.until(lambda: not QApplication.activePopupWidget())

    qt_run(scenario())


def test_a_new_profile_is_made_by_name_alone_and_used(
    look: Theme, qt_run: RunOnQt, home: Path
) -> None:
    async def scenario() -> None:
        async with profile_desk(look) as desk:
            desk.keeping.make()
            editor = await desk.shown(ProfileEditor)
            QTest.keyClick(editor.fields.name, Qt.Key.Key_Return)
            assert "A profile needs a name." in texts(editor)
            QTest.keyClicks(editor.fields.name, "Play  ground")
            assert "A profile needs a name." not in texts(editor)
            editor.fields.server.setCurrentIndex(1)
            assert editor.sign_in_button.isHidden()  # the sandbox lets one in by itself
            QTest.keyClick(editor.fields.name, Qt.Key.Key_Return)
            await desk.until(lambda: desk.went_to == ["Play ground"])
            assert desk.names == ["Sandbox", "Zapier", "Play ground"]
            await desk.until(lambda: "Play ground" in desk.named_in_history.values())

    qt_run(scenario())


def test_a_new_profile_is_live_where_its_server_is_unless_somebody_chose(
    look: Theme, qt_run: RunOnQt
) -> None:
    fields = ProfileFields(fresh("", ServerKind.ZAPIER))
    servers = [fields.server.itemData(n) for n in range(fields.server.count())]
    assert fields.live.isChecked()
    fields.server.setCurrentIndex(servers.index(ServerKind.SANDBOX))
    assert not fields.live.isChecked()
    fields.live.click()
    fields.server.setCurrentIndex(servers.index(ServerKind.ZAPIER))
    fields.server.setCurrentIndex(servers.index(ServerKind.SANDBOX))
    assert fields.live.isChecked()
    fields.deleteLater()


def test_enter_on_the_page_of_all_profiles_uses_the_marked_one(
    look: Theme, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with profile_desk(look) as desk:
            await made(desk, "Playground")
            desk.keeping.show_all()
            page = await desk.shown(ProfilePage)
            assert page.window().focusWidget() is page.list
            playground = desk.program.profiles.named("Playground")
            page.list.mark(playground.id)
            QTest.keyClick(page.list, Qt.Key.Key_Return)
            await desk.until(lambda: desk.program.access.profile.id == playground.id)
            page.delete_button.setFocus()
            page.list.mark(SANDBOX_ID)
            assert page.window().focusWidget() is page.list, (
                "a button that cannot be pressed any more had it"
            )
            page.window().close()

    qt_run(scenario())


def test_an_edit_shows_at_once_and_another_server_is_spoken_to_anew(
    look: Theme, qt_run: RunOnQt, home: Path
) -> None:
    async def scenario() -> None:
        async with profile_desk(look) as desk:
            await made(desk, "Play")
            desk.keeping.use(desk.program.profiles.named("Play").id)
            await desk.until(lambda: desk.went_to == ["Play"])
            session = desk.program.session
            desk.keeping.edit(desk.program.access.profile.id)
            editor = await desk.shown(ProfileEditor)
            editor.fields.name.setText("Playing")
            editor.fields.live.setChecked(True)
            QTest.mouseClick(editor.keep_button, Qt.MouseButton.LeftButton)
            await desk.until(lambda: desk.window.windowTitle() == "Playing — zapdesk")
            assert "live" in desk.window.top_bar.chip.accessibleName()
            assert desk.program.session is session
            desk.keeping.edit(desk.program.access.profile.id)
            editor = await desk.shown(ProfileEditor)
            editor.fields.time_zone.setText("Europe/Berlin")
            QTest.mouseClick(editor.keep_button, Qt.MouseButton.LeftButton)
            await desk.until(lambda: desk.went_to == ["Play", "Playing"])
            assert desk.program.session is not session

    qt_run(scenario())


def test_a_new_look_keeps_the_session_and_what_the_sandbox_granted_to_it(
    look: Theme, qt_run: RunOnQt, home: Path
) -> None:
    async def scenario() -> None:
        async with profile_desk(look) as desk:
            program = desk.program
            session = await program.switch(replace(program.access.profile, granted=("zap",)))
            await program.profiles.edit(replace(program.profiles.all[0], is_live=True))
            await desk.until(lambda: session.profile.is_live)
            assert program.session is session
            assert program.access.profile.granted == ("zap",)

    qt_run(scenario())


def test_what_is_wrong_stands_at_its_field_and_opens_what_was_folded(
    look: Theme, qt_run: RunOnQt, home: Path
) -> None:
    async def scenario() -> None:
        async with profile_desk(look) as desk:
            profile = replace(custom("https://example.com"), name="Work")
            work = await desk.program.profiles.create(profile)
            desk.keeping.edit(work.id)
            editor = await desk.shown(ProfileEditor)
            fields = editor.fields
            fields.address.setText("http://example.com")
            fields.colour.line.setText("red")
            fields.time_zone.setText("Mars")
            QTest.mouseClick(editor.keep_button, Qt.MouseButton.LeftButton)
            told = " ".join(texts(editor))
            for word in ("not encrypted", "A colour is written like", "'Mars' is not a time zone"):
                assert word in told
            assert editor.isVisible()
            fields.server.setCurrentIndex(0)
            assert any("sign in again" in text for text in texts(editor))
            fields.colour.set_colour("#157A3E")
            fields.time_zone.clear()
            fields.environment.add_button.click()
            focused = QApplication.focusWidget()
            assert focused is not None
            QTest.keyClicks(focused, "team")
            QTest.mouseClick(editor.sign_in_button, Qt.MouseButton.LeftButton)
            await desk.until(lambda: desk.signed_in == ["Work"])
            changed = desk.program.profiles.named("Work")
            assert (changed.kind, changed.environment) == (ServerKind.ZAPIER, (("team", ""),))
            desk.keeping.edit("zapier")
            editor = await desk.shown(ProfileEditor)
            assert not editor.fields.server.isEnabled()  # it comes with zapdesk
            QTest.keyClick(editor, Qt.Key.Key_Escape)

    qt_run(scenario())


def test_deleting_asks_leaves_the_runs_and_goes_to_the_sandbox(
    look: Theme, qt_run: RunOnQt, home: Path
) -> None:
    async def scenario() -> None:
        async with profile_desk(look) as desk:
            await made(desk, "Play")
            play = desk.program.profiles.named("Play")
            desk.keeping.use(play.id)
            await desk.until(lambda: desk.went_to == ["Play"])
            await desk.program.log.add(replace(order(), profile_id=play.id), 1, b"{}")
            page = desk.keeping.page()
            page.list.mark("zapier")
            assert not page.delete_button.isEnabled()
            page.list.mark(play.id)
            for is_meant in (False, True):
                page.delete_button.click()
                dialog = await desk.shown(ConfirmDialog)
                told = " ".join(texts(dialog))
                assert "Its run stays in the history, under All profiles." in told
                assert "zapdesk goes to the sandbox." in told
                (dialog.action_button if is_meant else dialog.cancel_button).click()
                await desk.until(lambda: not QApplication.activeModalWidget())
            await desk.until(lambda: desk.names == ["Sandbox", "Zapier"])
            assert desk.went_to == ["Play", "Sandbox"]
            await desk.until(lambda: desk.named_in_history.get(play.id) == "Play")
            page.deleteLater()

    qt_run(scenario())


def test_another_server_is_asked_about_where_runs_wait_at_the_one_before(
    look: Theme, qt_run: RunOnQt, home: Path
) -> None:
    async def scenario() -> None:
        async with profile_desk(look) as desk:
            before = replace(custom("https://one.example"), name="Work")
            work = await desk.program.profiles.create(before)
            await desk.program.log.add(replace(order(), profile_id=work.id), 1, b"{}")
            desk.keeping.edit(work.id)
            editor = await desk.shown(ProfileEditor)
            editor.fields.address.setText("https://two.example")
            for is_meant in (False, True):
                editor.keep_button.click()
                dialog = await desk.shown(ConfirmDialog)
                told = " ".join(texts(dialog))
                assert "One run is still on the way at https://one.example." in told
                (dialog.action_button if is_meant else dialog.cancel_button).click()
                if not is_meant:
                    await desk.until(lambda: "was not changed" in editor.problem.text())
            await desk.until(
                lambda: desk.program.profiles.named("Work").base_url == "https://two.example"
            )
            await desk.until(lambda: not QApplication.activeModalWidget())

    qt_run(scenario())


def test_profiles_leave_and_come_back_by_a_file_that_is_shown_first(
    look: Theme, qt_run: RunOnQt, home: Path, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with profile_desk(look) as desk:
            made_up = "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW1hZGUtdXA"
            environment = (("team", "blue"), ("login", made_up))
            profile = replace(custom("https://example.com"), name="W", environment=environment)
            await desk.program.profiles.create(profile)
            file = tmp_path / "profiles.json"
            await desk.keeping._files.export(file)
            assert made_up not in file.read_text("utf-8")
            assert file.stat().st_mode & 0o077 == 0
            (notice,) = desk.window.notices.texts
            assert "Left out, as they look secret: login." in notice
            page = ProfilePage()
            for is_meant in (False, True):
                taking = asyncio.ensure_future(desk.keeping._files.take_in(file, page))
                dialog = await desk.shown(ConfirmDialog)
                assert any("W 2: example.com" in text for text in texts(dialog))
                (dialog.action_button if is_meant else dialog.cancel_button).click()
                await taking
            assert desk.names == ["Sandbox", "Zapier", "W", "Sandbox 2", "Zapier 2", "W 2"]
            await desk.keeping._files.take_in(tmp_path / "none.json", page)
            assert "none.json cannot be read" in " ".join(desk.window.notices.texts)
            page.deleteLater()

    qt_run(scenario())


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (SignInKind.TOKEN, "Signs in with a pasted token."),
        (SignInKind.OAUTH, "Signs in by your consent in the browser, with the client id abc."),
        (SignInKind.CLIENT_ID, "Does not sign in, with the client id abc: apps can be seen"),
        (SignInKind.PARTNER, "Signs in with a partner's key, for Ada."),
    ],
)
def test_how_a_profile_signs_in_is_a_sentence(kind: SignInKind, words: str) -> None:
    profile = replace(ZAPIER, sign_in=kind, client_id="abc", partner=Partner(user="Ada"))
    assert sign_in_words(profile).startswith(words)
    assert sign_in_words(replace(profile, kind=ServerKind.SANDBOX)) == ""


def test_words_count_what_stays_and_what_comes() -> None:
    counts = {RunStatus.SUCCESS: 40, RunStatus.WAITING: 2}
    told = deletion_words(counts, is_in_use=False)
    assert "Its 42 runs stay in the history" in told
    assert "2 are still on the way" in told
    assert "sandbox" not in told
    assert "run" not in deletion_words({}, is_in_use=False)
    many = [replace(custom("https://example.com"), name=f"P{n}") for n in range(10)]
    title, sentence = import_question(many)
    assert title == "Import 10 profiles?"
    assert "and 2 more" in sentence
    assert import_question(many[:1])[0] == "Import this profile?"
