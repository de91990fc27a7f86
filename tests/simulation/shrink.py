"""The shortest run that still fails. Actions fit any state, so any of them may be left out."""

from collections.abc import Callable
from dataclasses import replace

from tests.simulation.scenario import Scenario


def shrunk(scenario: Scenario, fails: Callable[[Scenario], bool]) -> Scenario:
    """Leave out ever smaller parts of the steps, as long as what is left fails."""
    size = max(1, len(scenario.steps) // 2)
    while size:
        start = 0
        while start < len(scenario.steps):
            shorter = replace(scenario, steps=scenario.steps[:start] + scenario.steps[start + size :])
            if fails(shorter):
                scenario = shorter
            else:
                start += size
        size //= 2
    return scenario
