"""The list of apps: filled behind, resumed, never led away or round in circles, usable offline."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.api.fault_server import free_port
from tests.conftest import ExpectLog
from tests.services.desk import PROFILE, at_once, desk
from tests.services.script_server import Asked, Reply, Script, action, errors, scripted
from zapdesk.errors import InvalidInput, NotSignedIn, Unreachable
from zapdesk.services.catalog import CatalogChange

LINKS = {"connect_new_authentication": None}


def app(number: int, title: str = "") -> dict[str, Any]:
    return {"type": "app", "id": f"a{number}", "title": title or f"App {number}", "links": LINKS}


class Directory:
    """A server's list of apps; ``bend`` may change a page before it is sent."""

    def __init__(self, count: int, named: dict[int, str] | None = None) -> None:
        self.apps = [app(n, (named or {}).get(n, "")) for n in range(count)]
        self.offsets: list[int] = []
        self.bend: Any = lambda offset, page: page

    def __call__(self, asked: Asked) -> Reply:
        query = parse_qs(urlsplit(asked.target).query)
        if "ids" in query:
            found = [a for a in self.apps if a["id"] in query["ids"][0].split(",")]
            return 200, {"data": found, "links": {"next": None}, "meta": {"count": len(found)}}
        word = query.get("query", [""])[0].casefold()
        if word:
            found = [a for a in self.apps if word in a["title"].casefold()][:100]
            return 200, {"data": found, "links": {"next": None}, "meta": {"count": len(found)}}
        offset, limit = int(query.get("offset", ["0"])[0]), int(query.get("limit", ["10"])[0])
        self.offsets.append(offset)
        after = offset + limit
        following = f"/v2/apps?limit={limit}&offset={after}" if after < len(self.apps) else None
        page = {
            "data": self.apps[offset:after],
            "links": {"next": following},
            "meta": {"count": len(self.apps)},
        }
        reply: Reply = (200, self.bend(offset, page))
        return reply


def _serving(directory: Directory) -> Any:
    return scripted(routes={"/v2/apps": directory})


def test_list_is_fetched_a_hundred_at_a_time_with_progress_and_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        directory = Directory(1234)
        async with _serving(directory) as script:
            async with desk(tmp_path, script.url) as made:
                seen: list[int] = []
                made.catalog.changed.subscribe(
                    lambda c: (
                        seen.append(made.catalog.progress.loaded)
                        if c == CatalogChange("progress")
                        else None
                    )
                )
                await made.catalog.refresh()
                progress = made.catalog.progress
                assert (progress.loaded, progress.total, progress.is_complete) == (1234, 1234, True)
                assert not progress.is_loading
                assert seen == sorted(seen)
                assert len(seen) == 14
                assert directory.offsets == list(range(0, 1300, 100))
            async with desk(tmp_path, "http://127.0.0.1:1") as offline:
                assert [a.id for a in offline.catalog.apps[:3]] == ["a0", "a1", "a2"]
                assert len(offline.catalog.apps) == 1234
                assert offline.catalog.progress.is_complete

    asyncio.run(scenario())


def test_fetch_that_is_cut_off_goes_on_where_it_was(tmp_path: Path) -> None:
    async def scenario() -> None:
        directory = Directory(450)

        def cut(offset: int, page: Any) -> Any:
            return {"errors": "?"} if offset >= 200 else page

        directory.bend = cut
        async with _serving(directory) as script:
            async with desk(tmp_path, script.url) as made:
                await made.catalog.refresh()
                assert made.catalog.progress.trouble is not None
                assert not made.catalog.progress.is_complete
                assert len(made.catalog.apps) == 200  # what came is usable at once
            directory.bend = lambda offset, page: page
            directory.offsets.clear()
            async with desk(tmp_path, script.url) as made:
                assert made.catalog.progress.loaded == 200
                await made.catalog.refresh()
                assert directory.offsets == [200, 300, 400]
                assert made.catalog.progress.is_complete
                assert len(made.catalog.apps) == 450

    asyncio.run(scenario())


def test_next_page_that_leads_in_circles_stops_with_a_sentence(tmp_path: Path) -> None:
    async def scenario() -> None:
        directory = Directory(300)

        def circle(offset: int, page: Any) -> Any:
            page["links"]["next"] = "/v2/apps?limit=100&offset=100"
            return page

        directory.bend = circle
        async with _serving(directory) as script, desk(tmp_path, script.url) as made:
            await made.catalog.refresh()
            progress = made.catalog.progress
            assert progress.trouble is not None
            assert "circles" in progress.trouble.title
            assert not progress.is_complete
            assert not progress.is_loading
            assert len(directory.offsets) == 3
            assert len(made.catalog.apps) == 200

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "where", ["https://elsewhere.example/v2/apps?offset=100", "http://127.0.0.1:1/v2/apps"]
)
def test_next_page_on_another_server_is_not_followed_and_said(
    tmp_path: Path, where: str, expected_log: ExpectLog
) -> None:
    expected_log("next page is on another server")

    async def scenario() -> None:
        directory = Directory(300)

        def away(offset: int, page: Any) -> Any:
            page["links"]["next"] = where
            return page

        directory.bend = away
        async with _serving(directory) as script, desk(tmp_path, script.url) as made:
            await made.catalog.refresh()
            progress = made.catalog.progress
            assert progress.trouble is not None
            assert "ends too early" in progress.trouble.title
            assert "100 of 300" in progress.trouble.detail
            assert not progress.is_complete

    asyncio.run(scenario())


@pytest.mark.parametrize("links", [None, {}, {"prev": None}])
def test_list_without_links_is_fetched_to_its_count(tmp_path: Path, links: Any) -> None:
    async def scenario() -> None:
        directory = Directory(250)
        directory.bend = lambda offset, page: page | {"links": links}
        async with _serving(directory) as script, desk(tmp_path, script.url) as made:
            await made.catalog.refresh()
            assert directory.offsets == [0, 100, 200]
            assert made.catalog.progress.is_complete
            directory.offsets.clear()
            found = await made.catalog.list_apps("", 120)
            assert len(found.value) == 120
            assert directory.offsets == [0, 100]

    asyncio.run(scenario())


def test_list_that_says_it_is_over_before_its_count_is_said_to_end_too_early(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        directory = Directory(300)
        directory.bend = lambda offset, page: page | {"links": {"next": None}}
        async with _serving(directory) as script, desk(tmp_path, script.url) as made:
            await made.catalog.refresh()
            progress = made.catalog.progress
            assert progress.trouble is not None
            assert "ends too early" in progress.trouble.title
            assert "100 of 300" in progress.trouble.detail
            assert not progress.is_complete

    asyncio.run(scenario())


def test_app_that_is_gone_from_the_list_is_forgotten_after_a_whole_pass(tmp_path: Path) -> None:
    async def scenario() -> None:
        directory = Directory(150)
        async with _serving(directory) as script, desk(tmp_path, script.url) as made:
            await made.catalog.refresh()
            del directory.apps[7]
            await made.catalog.refresh()
            assert made.catalog.app("a7") is None
            assert len(made.catalog.apps) == 149

    asyncio.run(scenario())


def test_many_askers_share_one_fetch(tmp_path: Path) -> None:
    async def scenario() -> None:
        directory = Directory(150)
        async with _serving(directory) as script, desk(tmp_path, script.url) as made:
            await asyncio.gather(*(made.catalog.refresh() for _ in range(20)))
            assert directory.offsets == [0, 100]

    asyncio.run(scenario())


def test_server_is_asked_by_query_until_the_list_is_complete(tmp_path: Path) -> None:
    async def scenario() -> None:
        directory = Directory(250, {240: "Tidepool"})
        async with _serving(directory) as script, desk(tmp_path, script.url) as made:
            assert made.catalog.search("tidepool") == ()
            await made.catalog.look_up("tidepool")
            assert [hit.app.id for hit in made.catalog.search("tidepool")] == ["a240"]
            await made.catalog.refresh()
            count = len(script.asked)
            await made.catalog.look_up("tidepool")
            assert len(script.asked) == count

    asyncio.run(scenario())


# Which app is meant


def _asked_apps(script: Script) -> list[str]:
    return [a.target for a in script.asked if a.path == "/v2/apps"]


def test_app_is_found_by_id_and_by_title_in_any_case(tmp_path: Path) -> None:
    async def scenario() -> None:
        directory = Directory(250, {240: "Tidepool"})
        async with _serving(directory) as script, desk(tmp_path, script.url) as made:
            assert (await made.catalog.find_app("a199")).id == "a199"
            assert (await made.catalog.find_app("TIDEPOOL")).id == "a240"
            before = len(_asked_apps(script))
            assert (await made.catalog.find_app("a199")).id == "a199"  # known by now
            assert len(_asked_apps(script)) == before

    asyncio.run(scenario())


def test_title_of_two_apps_is_ambiguous_even_where_only_one_is_cached(tmp_path: Path) -> None:
    async def scenario() -> None:
        directory = Directory(250, {3: "Twin", 240: "Twin"})
        async with _serving(directory) as script, desk(tmp_path, script.url) as made:
            await made.catalog.find_app("a3")
            with pytest.raises(InvalidInput) as caught:
                await made.catalog.find_app("twin")
            assert "a3" in caught.value.detail
            assert "a240" in caught.value.detail

    asyncio.run(scenario())


def test_part_of_a_title_will_do_where_it_fits_one_app(tmp_path: Path) -> None:
    async def scenario() -> None:
        directory = Directory(20, {4: "Tidepool Sheets"})
        async with _serving(directory) as script, desk(tmp_path, script.url) as made:
            assert (await made.catalog.find_app("sheets")).id == "a4"
            with pytest.raises(InvalidInput, match="more than one app"):
                await made.catalog.find_app("App")

    asyncio.run(scenario())


def test_id_of_an_app_that_no_list_has_can_be_typed(tmp_path: Path) -> None:
    async def scenario() -> None:
        def actions(asked: Asked) -> Reply:
            if "app=built-in" in asked.target:
                return 200, {"data": [action("1", app="built-in")], "links": {"next": None}}
            return 404, errors("not_found", "No such app.")

        routes = {"/v2/apps": Directory(5), "/v2/actions": actions}
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            found = await made.catalog.find_app("built-in")
            assert (found.id, found.needs_authentication) == ("built-in", None)
            with pytest.raises(InvalidInput, match="No app is called 'nothing-like-it'"):
                await made.catalog.find_app("nothing-like-it")

    asyncio.run(scenario())


def test_offline_a_title_that_only_one_cached_app_has_is_found(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with _serving(Directory(5)) as script, desk(tmp_path, script.url) as made:
            await made.catalog.list_apps()
        async with desk(tmp_path, f"http://127.0.0.1:{free_port()}", pause=at_once) as made:
            assert (await made.catalog.find_app("app 3")).id == "a3"
            with pytest.raises(Unreachable):
                await made.catalog.find_app("app")
            listed = await made.catalog.list_apps("app", 3)
            assert len(listed.value) == 3
            assert isinstance(listed.trouble, Unreachable)

    asyncio.run(scenario())


def test_server_that_refuses_is_not_papered_over_by_the_cache(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with _serving(Directory(5)) as script, desk(tmp_path, script.url) as made:
            await made.catalog.list_apps()
        refuses = {"/v2/": lambda asked: (401, errors("not_authenticated", "Who?"))}
        async with scripted(routes=refuses) as script, desk(tmp_path, script.url) as made:
            with pytest.raises(NotSignedIn):
                await made.catalog.list_apps()

    asyncio.run(scenario())


# Actions and connections


def test_actions_come_from_the_cache_at_once_and_are_refreshed_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zapdesk.services import catalog

    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            await made.catalog.actions("app-1")
            script.on_actions = [(200, {"data": [action("x", "newer")], "links": {}})]
            assert [a.key for a in await made.catalog.actions("app-1")] == ["act"]
            monkeypatch.setattr(catalog, "ACTIONS_FRESH_S", -1.0)
            came = asyncio.Event()
            made.catalog.changed.subscribe(lambda c: came.set() if c.what == "actions" else None)
            assert [a.key for a in await made.catalog.actions("app-1")] == ["act"]
            await asyncio.wait_for(came.wait(), 5)
            assert [a.key for a in await made.catalog.actions("app-1")] == ["newer"]
        async with desk(tmp_path, f"http://127.0.0.1:{free_port()}", pause=at_once) as offline:
            latest = await offline.catalog.latest_actions("app-1")
            assert [a.key for a in latest.value] == ["newer"]
            assert isinstance(latest.trouble, Unreachable)
            with pytest.raises(Unreachable):
                await offline.catalog.latest_actions("another")

    asyncio.run(scenario())


def test_same_actions_asked_for_by_many_are_fetched_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            await asyncio.gather(*(made.catalog.actions("app-1") for _ in range(30)))
            assert sum(1 for a in script.asked if a.path == "/v2/actions") == 1

    asyncio.run(scenario())


def test_asker_that_goes_away_does_not_take_the_fetch_from_the_others(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            first = asyncio.ensure_future(made.catalog.actions("app-1"))
            second = asyncio.ensure_future(made.catalog.actions("app-1"))
            await asyncio.sleep(0.001)
            first.cancel()
            assert [a.key for a in await second] == ["act"]

    asyncio.run(scenario())


def test_connections_are_shown_from_the_cache_with_the_trouble_beside_them(tmp_path: Path) -> None:
    async def scenario() -> None:
        one = {"id": "c1", "app": "app-1", "title": "Ada", "is_expired": False}
        async with scripted(authentications=[one]) as script, desk(tmp_path, script.url) as made:
            assert [c.id for c in (await made.catalog.connections("app-1")).items] == ["c1"]
        async with desk(tmp_path, f"http://127.0.0.1:{free_port()}", pause=at_once) as offline:
            known = await offline.catalog.connections("app-1", refresh=True)
            assert [c.id for c in known.items] == ["c1"]
            assert isinstance(known.trouble, Unreachable)
            none = await offline.catalog.connections("another")
            assert (none.items, none.fetched_ms) == ((), None)

    asyncio.run(scenario())


def test_cache_that_cannot_be_written_does_not_keep_the_server_from_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zapdesk.errors import StorageUnusable

    async def scenario() -> None:
        async with _serving(Directory(120)) as script, desk(tmp_path, script.url) as made:

            async def fails(*_: object) -> None:
                raise StorageUnusable("The log cannot be written: the disk is full.")

            monkeypatch.setattr(made.database, "write", fails)
            await made.catalog.refresh()
            assert made.catalog.progress.trouble is None
            assert made.catalog.app("a119") is not None
            assert [a.key for a in await made.catalog.actions("app-1")] == ["act"]

    asyncio.run(scenario())


def test_profile_of_the_cache_is_kept_apart(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with _serving(Directory(3)) as script, desk(tmp_path, script.url) as made:
            await made.catalog.refresh()
            assert len(await made.cache.apps(PROFILE)) == 3
            assert await made.cache.apps("another") == ()

    asyncio.run(scenario())
