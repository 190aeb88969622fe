"""What goes with a profile and what stays: its runs, and the name they are called after."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.services.desk import order
from zapdesk.domain.catalog import App
from zapdesk.domain.runs import RunFilter
from zapdesk.storage.catalog_cache import CatalogCache
from zapdesk.storage.database import Database
from zapdesk.storage.open_tabs import OpenTab, OpenTabs
from zapdesk.storage.profile_data import GOES, STAYS, ProfileData
from zapdesk.storage.run_log import RunLog


def test_a_removed_profile_leaves_its_runs_and_its_name_and_no_other_is_touched(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        database = await Database.open(tmp_path / "zapdesk.db", tmp_path / "backups")
        try:
            data, cache = ProfileData(database), CatalogCache(database)
            tabs, log = OpenTabs(database), RunLog(database, "owner")
            await log.add(order(), 1, b"{}")  # its profile is called test
            for profile_id in ("test", "other"):
                await cache.put_apps(profile_id, [App("app-1", "Some App")], 0)
                await tabs.keep(profile_id, (OpenTab("tab-1"),))
            await data.forget("test", "Work")
            assert await data.former_names() == {"test": "Work"}
            assert len(await log.page(RunFilter("test"), None, 9)) == 1
            assert await cache.apps("test") == ()
            assert await tabs.all("test") == ()
            assert len(await cache.apps("other")) == len(await tabs.all("other")) == 1
            await tabs.keep("test", (OpenTab("tab-1"),))  # by a window that has it open
            await data.sweep({"test"})
            assert len(await tabs.all("test")) == 1
            await data.sweep({"other"})
            assert await tabs.all("test") == ()
            assert len(await tabs.all("other")) == 1
        finally:
            await database.close()

    asyncio.run(scenario())


def test_every_table_that_knows_profiles_either_goes_or_stays(tmp_path: Path) -> None:
    async def scenario() -> set[str]:
        database = await Database.open(tmp_path / "zapdesk.db", tmp_path / "backups")
        try:
            rows = await database.read(
                lambda connection: connection.execute(
                    "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c"
                    " WHERE m.type = 'table' AND c.name = 'profile_id'"
                ).fetchall()
            )
            return {str(name) for (name,) in rows}
        finally:
            await database.close()

    assert asyncio.run(scenario()) == {*GOES, *STAYS}
