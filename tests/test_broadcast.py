"""Announcements reach whoever listens at that moment, and nobody else."""

from __future__ import annotations

from collections.abc import Callable

from tests.conftest import ExpectLog
from zapdesk.broadcast import Broadcast


def test_subscribers_hear_in_the_order_in_which_they_came() -> None:
    heard: list[str] = []
    broadcast: Broadcast[str] = Broadcast()
    for name in "abc":
        broadcast.subscribe(lambda event, name=name: heard.append(name + event))  # type: ignore[misc]  # the default binds the name
    broadcast.announce("!")
    assert heard == ["a!", "b!", "c!"]


def test_leaving_twice_takes_away_only_ones_own_subscription() -> None:
    heard: list[int] = []
    broadcast: Broadcast[int] = Broadcast()
    leave = broadcast.subscribe(heard.append)
    broadcast.subscribe(heard.append)
    leave()
    leave()
    broadcast.announce(1)
    assert heard == [1]


def test_who_leaves_during_an_announcement_is_not_called_any_more() -> None:
    heard: list[str] = []
    broadcast: Broadcast[str] = Broadcast()
    leave: list[Callable[[], None]] = []
    broadcast.subscribe(lambda event: leave[0]())
    leave.append(broadcast.subscribe(heard.append))
    broadcast.announce("x")
    assert heard == []


def test_who_comes_during_an_announcement_hears_the_next_one() -> None:
    heard: list[str] = []
    broadcast: Broadcast[str] = Broadcast()
    leave = broadcast.subscribe(lambda event: late.append(broadcast.subscribe(heard.append)))
    late: list[Callable[[], None]] = []
    broadcast.announce("first")
    leave()
    broadcast.announce("second")
    assert heard == ["second"]


def test_a_subscriber_that_raises_is_logged_and_the_others_hear(expected_log: ExpectLog) -> None:
    heard: list[int] = []
    broadcast: Broadcast[int] = Broadcast()

    def fail(event: int) -> None:
        raise RuntimeError(event)

    broadcast.subscribe(fail)
    broadcast.subscribe(heard.append)
    expected_log("a subscriber failed", "zapdesk.broadcast")
    broadcast.announce(7)
    assert heard == [7]
