"""The Fault Lab fails as it says, and only so."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.sandbox.talk import Talk, error_of, unwrapped


def marks(talk: Talk, *keys: str) -> int:
    """How often the work of these actions was done."""
    return len([one for one in talk.effects() if one["key"] in keys])


def wait_for_marks(talk: Talk, count: int, *keys: str) -> int:
    """As ``marks``, once there are ``count`` or three seconds have passed."""
    until = time.monotonic() + 3
    while marks(talk, *keys) < count and time.monotonic() < until:
        time.sleep(0.03)
    return marks(talk, *keys)


@pytest.mark.parametrize(
    "code",
    ["user", "authentication", "partner", "system", "system_throttled", "hydration",
     "quota_of_moons"],
)  # fmt: skip
def test_a_run_that_ends_with_a_code(talk: Talk, code: str) -> None:
    run = talk.run("Fault Lab", f"error_{code}")
    assert (run["status"], run["errors"][0]["code"]) == ("error", code)
    assert "delay" not in run["errors"][0]


def test_a_throttled_run_says_how_many_seconds(talk: Talk) -> None:
    assert talk.run("Fault Lab", "error_throttled", delay="7")["errors"][0]["delay"] == 7


@pytest.mark.parametrize(
    ("key", "status"),
    [("run_400_parse_error", 400), ("run_403", 403), ("run_408", 408), ("run_409", 409),
     ("run_429", 429), ("run_500", 500), ("run_502_html", 502), ("run_503", 503), ("run_504", 504),
     ("run_302", 302), ("run_307", 307)],
)  # fmt: skip
def test_a_run_post_that_is_refused_does_nothing(talk: Talk, key: str, status: int) -> None:
    before = marks(talk, key)
    answer = talk.start("Fault Lab", key, {"retry_after": "3"})
    assert answer.status_code == status
    if status in (429, 503):
        assert answer.headers["Retry-After"] == "3"
    if status in (302, 307):
        assert answer.headers["Location"] == "/v2/action-runs/"
    time.sleep(0.2)
    assert marks(talk, key) == before


def test_the_connection_is_reset_before_the_work(talk: Talk) -> None:
    before = marks(talk, "reset_before_work")
    with pytest.raises(httpx.ReadError):
        talk.start("Fault Lab", "reset_before_work", {})
    time.sleep(0.2)
    assert marks(talk, "reset_before_work") == before


@pytest.mark.parametrize(
    ("key", "error"),
    [("reset_after_work", httpx.ReadError), ("truncated_body", httpx.RemoteProtocolError)],
)
def test_the_connection_is_cut_and_the_work_is_done_once(
    talk: Talk, key: str, error: type[Exception]
) -> None:
    before = marks(talk, key)
    with pytest.raises(error):
        talk.start("Fault Lab", key, {})
    assert wait_for_marks(talk, before + 1, key) == before + 1
    assert talk.get("/sandbox/received").json()["received"][-1]["status"] == 0


def test_no_answer_comes_and_the_work_is_done(talk: Talk) -> None:
    before = marks(talk, "silence")
    talk.http.timeout = httpx.Timeout(0.5)
    try:
        with pytest.raises(httpx.ReadTimeout):
            talk.start("Fault Lab", "silence", {})
    finally:
        talk.http.timeout = httpx.Timeout(15)
    assert wait_for_marks(talk, before + 1, "silence") == before + 1


def test_the_answer_has_no_id_a_number_or_a_page_and_the_work_is_done(talk: Talk) -> None:
    before = marks(talk, "no_run_id", "number_run_id", "html_200")
    assert "id" not in talk.start("Fault Lab", "no_run_id", {}).json()["data"]
    number = talk.start("Fault Lab", "number_run_id", {}).json()["data"]["id"]
    assert isinstance(number, int)
    assert talk.end(str(number))["status"] == "success"
    page = talk.start("Fault Lab", "html_200", {})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert wait_for_marks(talk, before + 3, "no_run_id", "number_run_id", "html_200") == before + 3


def test_an_id_with_slashes_is_found_when_it_is_percent_encoded(talk: Talk) -> None:
    run_id = talk.start("Fault Lab", "slash_run_id", {}).json()["data"]["id"]
    assert "/" in run_id
    assert talk.end(run_id)["status"] == "success"
    assert talk.http.get(f"/v2/action-runs/{run_id}").status_code == 404


def test_polls_fail_with_404_for_ever_and_with_500_so_many_times(talk: Talk) -> None:
    lost = talk.start("Fault Lab", "poll_404", {}).json()["data"]["id"]
    assert {talk.poll(lost).status_code for _ in range(3)} == {404}
    run_id = talk.start("Fault Lab", "poll_500", {"times": "2"}).json()["data"]["id"]
    assert [talk.poll(run_id).status_code for _ in range(3)] == [500, 500, 200]


def test_a_never_ending_run_waits(talk: Talk) -> None:
    run_id = talk.start("Fault Lab", "waiting_forever", {}).json()["data"]["id"]
    time.sleep(0.3)
    assert talk.poll(run_id).json()["data"]["status"] == "waiting"


def test_a_slow_run_takes_the_seconds_it_was_given(talk: Talk) -> None:
    began = time.monotonic()
    assert talk.run("Fault Lab", "slow", seconds="0.8")["status"] == "success"
    assert time.monotonic() - began >= 0.7


def test_results_come_huge_empty_absent_and_as_an_object(talk: Talk) -> None:
    run_id = talk.start("Fault Lab", "huge_result", {"size_mb": "2"}).json()["data"]["id"]
    (huge,) = talk.end(run_id)["results"]
    assert len(huge["text"]) == 2 * 1024 * 1024
    assert talk.run("Fault Lab", "empty_result")["results"] == []
    assert "results" not in talk.run("Fault Lab", "no_results")
    assert talk.run("Fault Lab", "object_results", note="n")["results"]["note"] == "n"
    odd = talk.run("Fault Lab", "many_results", count="2")["results"]
    assert odd[1]["big_integer"] == 2**53 + 1


def test_unusual_status_words_and_errors_beside_success(talk: Talk) -> None:
    run_id = talk.start("Fault Lab", "unknown_status", {"word": "brewing"}).json()["data"]["id"]
    assert talk.poll(run_id).json()["data"]["status"] == "brewing"
    assert talk.run("Fault Lab", "upper_case_status")["status"] == "SUCCESS"
    assert talk.run("Fault Lab", "success_with_errors")["errors"][0]["code"] == "partner"


def test_forms_and_choices_fail_loop_and_lead_elsewhere(talk: Talk) -> None:
    assert talk.form("Fault Lab", "fields_fail").status_code == 500

    def choices(key: str, page: int) -> Any:
        return talk.form("Fault Lab", key, f"inputs/choice/choices?page={page}")

    looping = unwrapped(choices("choices_loop", 2).json())
    assert looping["links"]["next"].endswith("page=1")
    assert [choices("choices_fail_page_3", page).status_code for page in (2, 3)] == [200, 500]
    elsewhere = unwrapped(choices("choices_other_host", 1).json())["links"]["next"]
    assert not elsewhere.startswith(talk.address.url)


def test_a_step_test_fails_in_the_same_ways(talk: Talk) -> None:
    assert talk.form("Fault Lab", "run_409", "test").status_code == 409
    assert error_of(talk.form("Fault Lab", "error_user", "test"))["code"] == "test_failed"
    before = marks(talk, "reset_after_work")
    with pytest.raises(httpx.ReadError):
        talk.form("Fault Lab", "reset_after_work", "test")
    assert marks(talk, "reset_after_work") == before + 1


def test_values_that_begin_with_bad_are_refused_by_pointer(talk: Talk) -> None:
    before = marks(talk, "run_400_fields")
    inputs = {"name": "bad", "e-mail/work~1": "bad", "tags": ["fine", "bad"], "note": "fine"}
    answer = talk.start("Fault Lab", "run_400_fields", inputs)
    assert answer.status_code == 400
    pointers = [error["source"]["pointer"] for error in answer.json()["errors"]]
    assert [pointer.partition("/inputs/")[2] for pointer in pointers] == [
        "name",
        "e-mail~1work~01",
        "tags/1",
    ]
    assert talk.run("Fault Lab", "run_400_fields", name="fine")["status"] == "success"
    assert marks(talk, "run_400_fields") == before + 1
