"""How every benchmark measures: what zapdesk does and a floor take turns, in one process or beside
each other, and what counts is the middle one of the ratios of their turns.

A ratio outlives the machine that it was measured on. Reaching a goal is reported, not asserted:
what fails is falling far behind it, by the factor that the benchmark gives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from tests.conftest import ReportFigure

Measured = Callable[[], float]
"""Does it once and says how many seconds counted."""


@dataclass(frozen=True, slots=True)
class Turns:
    """What the turns of the two took, in seconds, in pairs."""

    ours: tuple[float, ...]
    floor: tuple[float, ...]

    @property
    def ratio(self) -> float:
        return median(ours / floor for ours, floor in zip(self.ours, self.floor, strict=True))


def take_turns(ours: Measured, floor: Measured, rounds: int) -> Turns:
    """Measure both ``rounds`` times; a turn of each before that is not counted."""
    ours(), floor()
    pairs = [(ours(), floor()) for _ in range(rounds)]
    return Turns(tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs))


def report_turns(report_figure: ReportFigure, name: str, turns: Turns, goal: float) -> float:
    """Print the ratio beside its goal, and both medians; gives the ratio."""
    report_figure(f"{name} (goal {goal:g})", turns.ratio, "x the floor")
    report_figure("    zapdesk", median(turns.ours) * 1_000, "ms")
    report_figure("    floor", median(turns.floor) * 1_000, "ms")
    return turns.ratio
