"""The whole system from one seed: whatever happens in a run, what holds in the end holds."""

import os

import pytest

from tests.simulation.run import run
from tests.simulation.scenario import scenario
from tests.simulation.shrink import shrunk

FIRST = int(os.environ.get("SIMULATION_FIRST", "0"))
COUNT = int(os.environ.get("SIMULATION_SEEDS", "100"))
AT_ONCE = 20


@pytest.mark.parametrize("part", range(-(-COUNT // AT_ONCE)))
def test_nothing_is_lost_whatever_happens(part: int) -> None:
    """Every mail, label, contact and timer is where the README says, once faults have ended and time has passed."""
    first = FIRST + part * AT_ONCE
    found = {seed: run(scenario(seed)).violations for seed in range(first, first + AT_ONCE)}
    assert {seed: violations for seed, violations in found.items() if violations} == {}


def test_a_seed_is_one_run() -> None:
    """Twice the same seed is twice the same, request by request."""
    traces: list[list[tuple[float, str, str]]] = [[], []]
    for trace in traces:
        run(scenario(4), lambda at, who, what, trace=trace: trace.append((at, who, what)))  # type: ignore[misc]
    assert traces[0] == traces[1]


def test_a_failing_run_is_shortened_to_what_it_takes() -> None:
    """Only the steps are left without which it would not fail."""
    whole = scenario(4)
    wanted = {whole.steps[1], whole.steps[-1]}
    assert set(shrunk(whole, lambda some: wanted <= set(some.steps)).steps) == wanted
