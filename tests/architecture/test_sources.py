"""What may not be written in this project, file by file."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.architecture.sources import Source, sources

LONGEST_MODULE_LINES = 400
LONGEST_TEST_LINES = 500  # a table of cases may go on a little longer
# A nested event loop hangs other tasks, qasync's decorators start tasks nobody can cancel, and
# asyncio and Qt share the one thread.
REFUSED = {"exec", "exec_", "processEvents", "asyncSlot", "asyncClose", "QThread"}
# The first frame is painted by one call, before there is a loop.
ALLOWED = Counter({("zapdesk/ui/shell/application.py", "processEvents"): 1})
STARTS_A_TASK = {"create_task", "ensure_future"}
WRITES_THE_SETTINGS = {"settings.save", "settings_file.save"}
UNTELLING_NAMES = {"common", "handle", "helper", "helpers", "manager", "misc", "util", "utils"}
SWITCHED_OFF = re.compile(r"#\s*(?:type: ignore\[[^\]]*\]|noqa: [A-Z0-9, ]*\d)(?P<reason>.*)")

# In Python 3.11 it gives the answer in the place of a cancellation that comes at the same moment,
# and whoever closes an owner then waits for ever; ``asyncio.timeout`` does not.
SWALLOWS_CANCELLATION = "wait_for"

BOTH = (*sources("zapdesk"), *sources("tests"))


def names(source: Source) -> Iterator[tuple[str, ast.AST]]:
    """Every name that is read, reached through a dot or imported, with its node."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name, node
            case ast.ImportFrom(names=aliases):
                for alias in aliases:
                    yield alias.name, node


def test_nothing_waits_in_a_way_that_swallows_a_cancellation() -> None:
    found = [
        f"{source.path}:{getattr(node, 'lineno', 0)}"
        for source in sources("zapdesk")
        for name, node in names(source)
        if name == SWALLOWS_CANCELLATION
    ]
    assert found == []


def test_nothing_nests_an_event_loop_or_starts_a_qthread() -> None:
    found = Counter(
        (source.path, name)
        for source in sources("zapdesk")
        for name, _ in names(source)
        if name in REFUSED
    )
    assert not found - ALLOWED


def test_tasks_are_started_by_their_owner_only() -> None:
    found = [
        source.at(node)
        for source in sources("zapdesk")
        if source.path != "zapdesk/tasks.py"
        for name, node in names(source)
        if name in STARTS_A_TASK
    ]
    assert not found


def test_the_settings_are_written_on_a_thread() -> None:
    # Another process may hold the file for seconds, and the disk has to take it.
    found = [
        source.at(node)
        for source in sources("zapdesk")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in WRITES_THE_SETTINGS
    ]
    assert not found


def test_one_module_puts_text_on_the_clipboard() -> None:
    found = [
        source.at(node)
        for source in sources("zapdesk")
        if source.path != "zapdesk/ui/clipboard.py"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"setText", "setMimeData"}
        and "clipboard" in ast.unparse(node.value)
    ]
    assert not found


@pytest.mark.parametrize("source", BOTH, ids=lambda source: source.path)
def test_a_module_is_short_and_says_what_it_is(source: Source) -> None:
    is_test = source.path.startswith("tests/")
    assert len(source.lines) <= (LONGEST_TEST_LINES if is_test else LONGEST_MODULE_LINES)
    assert ast.get_docstring(source.tree) or not source.tree.body, "its docstring is missing"
    assert source.path.rpartition("/")[2].removesuffix(".py") not in UNTELLING_NAMES


def test_catching_everything_gives_its_reason_on_the_line() -> None:
    found = [
        source.at(node)
        for source in BOTH
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and "#" not in source.lines[node.lineno - 1]
    ]
    assert not found


def test_switching_a_check_off_gives_its_reason_on_the_line() -> None:
    found = [
        f"{source.path}:{number}"
        for source in BOTH
        for number, line in enumerate(source.lines, 1)
        if (off := SWITCHED_OFF.search(line)) and not off["reason"].strip(" #")
    ]
    assert not found


OPENS_A_SOCKET = {
    "open_connection", "create_connection", "AsyncHTTPTransport", "HTTPTransport", "urlopen",
    "AsyncClient", "start_server",
}  # fmt: skip


def test_whoever_opens_a_socket_passes_the_gate() -> None:
    # The sandbox is a program of its own, and what the store opens are connections to a file.
    found = {
        source.path
        for source in sources("zapdesk")
        if not source.path.startswith(("zapdesk/sandbox/", "zapdesk/storage/"))
        if any(name in OPENS_A_SOCKET for name, _ in names(source))
    }
    gated = {
        source.path
        for source in sources("zapdesk")
        if any(name == "TRAFFIC" for name, _ in names(source))
    }
    assert found
    assert found <= gated


def test_where_secrets_are_kept_has_one_name() -> None:
    """It is called keyring, as on the command line."""
    other = "secret " + "store"
    found = [
        f"{source.path}:{number}"
        for source in BOTH
        for number, line in enumerate(source.lines, 1)
        if other in line.casefold()
    ]
    assert not found
