"""What a process holds, looked at again and again, and whether that grows."""

from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, linear_regression
from typing import Final

from tests.bench.processes import memory_of

WARM_UP: Final = 0.25
"""The share of the time after which a service has all that it ever keeps: pools, caches and the interpreter's own."""


@dataclass(frozen=True, slots=True)
class Growth:
    """The mean of a series once it is warm, and what it gains within an hour at the slope that it then has."""

    mean: float
    an_hour: float


@dataclass(slots=True)
class Series:
    """Figures of one kind, by the second at which they were seen."""

    seconds: list[float] = field(default_factory=list)
    figures: list[float] = field(default_factory=list)

    def add(self, second: float, figure: float) -> None:
        """One more figure, later than all before."""
        self.seconds.append(second)
        self.figures.append(figure)

    def growth(self) -> Growth | None:
        """How it grows; None before there is enough to tell."""
        warm = [index for index, second in enumerate(self.seconds) if second >= WARM_UP * self.seconds[-1]]
        if len(warm) < 2:
            return None
        seconds, figures = ([series[index] for index in warm] for series in (self.seconds, self.figures))
        return Growth(fmean(figures), linear_regression(seconds, figures).slope * 3600)


def descriptors_of(pid: int) -> int:
    """How many files and sockets a process holds open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def private_megabytes_of(pid: int) -> float:
    """How much memory of its own a process holds."""
    memory = memory_of(pid)
    return 0.0 if memory is None else memory.private
