"""``--resolve``: braces are pieces only where that was asked for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.program import Done, zapdesk
from zapdesk.cli.arguments import parser
from zapdesk.cli.inputs import parse
from zapdesk.domain.pieces import Mapped, Piece

NOW = Mapped((Piece("now"),))


def test_braces_stay_as_they_are_written_unless_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "inputs.json"
    file.write_text(json.dumps({"c": "{{now}}"}), encoding="utf-8")
    plain = parse(["a={{now}}", 'b:=["{{now}}"]'], str(file))
    assert (plain.texts, plain.values) == (
        {"a": ["{{now}}"]},
        {"b": ["{{now}}"], "c": "{{now}}"},
    )
    told = parse(["a={{now}}", 'b:=["{{now}}", 7]'], str(file), resolve=True)
    assert (told.texts, told.values) == ({"a": [NOW]}, {"b": [NOW, 7], "c": NOW})


def run(home: Path, *arguments: str) -> Done:
    return zapdesk(home, "--sandbox", *arguments)


@pytest.mark.usefixtures("sandbox")
def test_pieces_are_worked_out_and_unknown_ones_are_problems(shared_home: Path) -> None:
    form = ("fields", "Formatter", "text", "--json", "--resolve", "--input")
    found = run(shared_home, *form, "text=at {{now}}")
    assert re.fullmatch(r"at \d{4}-\d\d-\d\dT.*", found.json["values"]["text"])
    assert run(shared_home, *form, "text={{env.X}}").json["problems"] != found.json["problems"]
    shown = run(shared_home, "fields", "Formatter", "text", "--resolve", "--input", "text={{no}}")
    assert "problem: " in shown.out
    assert "not a piece that zapdesk knows" in shown.out


@pytest.mark.parametrize("command", ["fields", "run", "test"])
def test_every_command_that_fills_a_form_takes_the_option(command: str) -> None:
    assert parser().parse_args([command, "App", "act", "--resolve"]).resolve
    assert not parser().parse_args([command, "App", "act"]).resolve
