"""The log file: private, redacted, bounded, and it survives any text."""

from __future__ import annotations

import logging
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from zapdesk import log
from zapdesk.redaction import HIDDEN, REDACTOR

SECRET = "sk-live/4f9a+secret"


@pytest.fixture
def logger(tmp_path: Path) -> Iterator[logging.Logger]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in ("httpx", "httpcore")}
    log.set_up(tmp_path)
    REDACTOR.register(SECRET)
    yield logging.getLogger("a.program")
    REDACTOR.forget(SECRET)
    for handler in [h for h in root.handlers if h not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)


def written(folder: Path) -> str:
    return (folder / log.FILE_NAME).read_text("utf-8")


def test_a_secret_is_hidden_in_messages_arguments_and_tracebacks(
    logger: logging.Logger, tmp_path: Path
) -> None:
    logger.info("sent %s", SECRET)
    try:
        raise ValueError(f"refused {SECRET}")
    except ValueError:
        logger.exception("it failed")
    text = written(tmp_path)
    assert SECRET not in text
    assert text.count(HIDDEN) >= 2
    assert "Traceback" in text


def test_text_that_utf_8_cannot_hold_is_written_as_escapes(
    logger: logging.Logger, tmp_path: Path
) -> None:
    logger.info("odd \ud800 %s", "\udfff")
    assert "odd \\ud800 \\udfff" in written(tmp_path)


def test_requests_are_not_logged_with_their_addresses(
    logger: logging.Logger, tmp_path: Path
) -> None:
    logging.getLogger("httpx").info("GET https://example.com/?token=x")
    logger.info("one line")
    assert "example.com" not in written(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_log_and_its_older_parts_are_their_owners_alone(
    logger: logging.Logger, tmp_path: Path
) -> None:
    for _ in range(12):
        logger.info("x" * 1024 * 1024)
    files = list(tmp_path.iterdir())
    assert 2 <= len(files) <= 4
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert sum(file.stat().st_size for file in files) < 10 * 1024 * 1024


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        log.set_up(tmp_path / "nowhere")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_in_the_place_of_the_log_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("mine")
    (tmp_path / log.FILE_NAME).symlink_to(target)
    with pytest.raises(OSError, match=log.FILE_NAME):
        log.set_up(tmp_path)
    assert target.read_text() == "mine"
