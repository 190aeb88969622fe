"""Open tabs are kept in their order, each profile its own; drafts go with the tabs they are of."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.storage.making import ADD_ROW, opened
from zapdesk.domain.drafts import Draft
from zapdesk.domain.filling import Filling
from zapdesk.storage.drafts import Drafts
from zapdesk.storage.open_tabs import OpenTab, OpenTabs

ONE = OpenTab("tab-1", ADD_ROW, "Tables", "#3F51D9", "Add a row", "auth-1", is_current=True)
TWO = OpenTab("tab-2", ADD_ROW, "Tables \ud800", "", "Add a row")
NEW = OpenTab("tab-3")


def test_tabs_come_back_as_they_were_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as database:
            tabs = OpenTabs(database)
            assert await tabs.all("sandbox") == ()
            await tabs.keep("sandbox", (ONE, NEW))
            await tabs.keep("zapier", (NEW,))
            await tabs.keep("sandbox", (NEW, ONE))
        async with opened(tmp_path) as database:
            tabs = OpenTabs(database)
            assert await tabs.all("sandbox") == (NEW, ONE)
            assert await tabs.all("zapier") == (NEW,)

    asyncio.run(scenario())


def test_a_title_with_a_lone_surrogate_is_kept_as_its_escape(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as database:
            tabs = OpenTabs(database)
            await tabs.keep("sandbox", (TWO,))
            assert (await tabs.all("sandbox"))[0].app_title == "Tables \\ud800"

    asyncio.run(scenario())


def test_drafts_of_tabs_that_are_gone_go_and_others_stay(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as database:
            tabs, drafts = OpenTabs(database), Drafts(database)
            for profile in ("sandbox", "zapier"):
                for place in ("tab-1", "tab-2", "tab-3", "elsewhere"):
                    draft = Draft(place, ADD_ROW, None, Filling({"a": place}), 1)
                    await drafts.keep(profile, draft)
            await tabs.keep("sandbox", (ONE,), closing={"tab-3"})

            async def kept(profile: str) -> list[str]:
                places = ("tab-1", "tab-2", "tab-3", "elsewhere")
                return [p for p in places if await drafts.find(profile, p, ADD_ROW)]

            assert await kept("sandbox") == ["tab-1", "tab-3", "elsewhere"]
            assert len(await kept("zapier")) == 4

    asyncio.run(scenario())
