"""Stops of the tour: profiles, and the question before something is written in a live one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from PySide6.QtWidgets import QApplication

from tests.tour_guide import Tour
from zapdesk.domain.partner import Partner
from zapdesk.domain.profile_editing import fresh
from zapdesk.domain.profiles import SANDBOX, SANDBOX_ID, ServerKind, custom
from zapdesk.ui.accounts.live_dialog import LiveDialog
from zapdesk.ui.accounts.profile_editor import ProfileEditor
from zapdesk.ui.accounts.profile_switcher import ProfileSwitcher


async def _with_profiles(tour: Tour) -> None:
    service = tour.program.profiles
    await service.create(fresh("Playground", ServerKind.SANDBOX, service.all))
    staging = custom("https://staging.example.com/api")
    await service.create(replace(staging, name="Staging", colour="#0F7490", is_live=False))


async def profiles(tour: Tour) -> None:
    """The list under the profile's name."""
    await _with_profiles(tour)
    tour.window.commands.action("profiles").trigger()
    await asyncio.sleep(0.5)
    (tour.shown,) = tour.window.findChildren(ProfileSwitcher)


async def all_profiles(tour: Tour) -> None:
    await _with_profiles(tour)
    tour.life._profiles.show_all()
    await asyncio.sleep(0.5)
    tour.shown = QApplication.activeModalWidget() or tour.window


async def profile_editor(tour: Tour) -> None:
    await _with_profiles(tour)
    tour.life._profiles.edit(tour.program.profiles.named("Staging").id)
    await asyncio.sleep(0.5)
    (editor,) = tour.window.findChildren(ProfileEditor)
    editor.fields.more_button.setChecked(True)
    await asyncio.sleep(0.3)
    tour.shown = editor


async def live_form(tour: Tour) -> None:
    """A form in a live profile, with the guard off for a while."""
    service = tour.program.profiles
    await service.edit(replace(service.get(SANDBOX_ID), is_live=True))
    await tour.open("Mail", "send_email", {})
    tour.program.guard.pause(SANDBOX_ID, 15)
    await asyncio.sleep(0.3)


async def live_question(tour: Tour) -> None:
    service = tour.program.profiles
    await service.edit(replace(service.get(SANDBOX_ID), is_live=True))
    await tour.open("Fault Lab", "mark", {"note": "real"})
    tour.panels.action.run()
    await tour.until(lambda: tour.window.findChildren(LiveDialog))
    await asyncio.sleep(0.3)
    (tour.shown,) = tour.window.findChildren(LiveDialog)


async def acting_for(tour: Tour) -> None:
    """A run in the name of an end user."""
    await tour.session_with_apps()
    partner = Partner(user="u-1024-harbour", user_name="Ada Lovelace")
    outcome = await tour.program.accounts.use_partner(replace(SANDBOX, partner=partner))
    await tour.program.switch(outcome.profile)
    await tour.program.profiles.reload()
    await tour.run("Formatter", "text", {"text": "hello"})


PROFILE_STOPS = (acting_for, profiles, all_profiles, profile_editor, live_form, live_question)
