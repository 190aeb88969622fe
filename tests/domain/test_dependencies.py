"""What a definition says of its own dependencies: told where it is wrong, and only there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zapdesk.domain.dependencies import Dependencies
from zapdesk.domain.fields import Fieldset, InputField

names = st.sampled_from("abcdef")
graphs = st.dictionaries(names, st.lists(names, max_size=3, unique=True), min_size=1)


def test_fields_that_depend_on_nothing_are_no_cycle_beside_others_that_do() -> None:
    form = Dependencies(
        (
            InputField("workspace", "Workspace"),
            InputField("table", "Table", depends_on=("workspace",)),
            Fieldset("cells", "Cells", (InputField("task", "Task"), InputField("due", "Due"))),
        )
    )
    assert form.oddities() == ()


@given(graphs)
def test_a_cycle_is_told_of_exactly_where_one_can_come_back_to_where_one_began(
    graph: dict[str, list[str]],
) -> None:
    form = Dependencies([InputField(n, n, depends_on=tuple(d)) for n, d in graph.items()])
    told = " ".join(form.oddities())
    for name in graph:
        if "through other fields" not in told:
            assert not _comes_back(graph, name)
        elif _comes_back(graph, name):
            assert f"'{name}' depends on itself through other fields." in told


def _comes_back(graph: dict[str, list[str]], begin: str) -> bool:
    """Whether a way of at least two steps leads from a field to itself."""
    seen: set[str] = set()
    waiting = [n for n in graph[begin] if n in graph and n != begin]
    while waiting:
        name = waiting.pop()
        if begin in graph[name]:
            return True
        if name not in seen:
            seen.add(name)
            waiting += [n for n in graph[name] if n in graph]
    return False
