"""What a soak has seen, as people read it, and what of it is wrong."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any, Final

from mailroom.commands.table import table
from tests.soak.samples import Series

TOLERATED: Final = {"private MB": 6.0, "descriptors": 2.0, "timers": 2.0}
"""What may seem to be gained in an hour: allocators and the moments of the looks make figures go up and down."""

JUDGED_FROM: Final = 10.0
"""Minutes below which an hour's growth is told but not judged: too little is seen of it."""


@dataclass(slots=True)
class Figures:
    """Everything that was counted. Latencies are in seconds, from a tap's acknowledgement until no label is left."""

    minutes: float
    series: dict[str, Series] = field(default_factory=lambda: {name: Series() for name in TOLERATED})
    latencies: list[float] = field(default_factory=list)
    requests: int = 0
    streams_cut: int = 0
    restarts: int = 0
    polls: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    tracebacks: int = 0
    late: int = 0
    misplaced: list[str] = field(default_factory=list)
    health: dict[str, Any] = field(default_factory=dict)

    def log(self, entries: list[dict[str, Any]]) -> None:
        """Count what the service has logged."""
        for entry in entries:
            if "level" in entry:
                self.levels[entry["level"]] += 1
                self.tracebacks += "traceback" in entry
                if "round_trips" in entry:
                    self.polls[entry["trigger"]] += 1

    def problems(self) -> Iterator[str]:
        """What must not be."""
        if self.late:
            yield f"{self.late} taps were not done in time"
        if self.tracebacks:
            yield f"{self.tracebacks} tracebacks were logged"
        yield from self.misplaced
        if self.minutes < JUDGED_FROM:
            return
        for name, series in self.series.items():
            growth = series.growth()
            if growth is not None and growth.an_hour > TOLERATED[name]:
                yield f"{name}: grows by {growth.an_hour:.1f} an hour"


def as_text(figures: Figures) -> str:
    """Two tables: what was done, and what was held."""
    counted = {
        "requests": figures.requests,
        "polls": ", ".join(f"{count} {trigger}" for trigger, count in sorted(figures.polls.items())),
        "triages": len(figures.latencies),
        "seconds from tap to done, p50 / p99 / max": _latencies(figures.latencies),
        "streams cut": figures.streams_cut,
        "server restarts": figures.restarts,
        "reconnects": figures.health["eventsource"]["reconnect_count"],
        "log lines": ", ".join(f"{count} {level}" for level, count in sorted(figures.levels.items())),
        "tracebacks": figures.tracebacks,
        "taps not done in time": figures.late,
        "mails misplaced or lost": len(figures.misplaced),
    }
    held = []
    for name, series in figures.series.items():
        growth = series.growth()
        held.append((name, *(("", "") if growth is None else (f"{growth.mean:.1f}", f"{growth.an_hour:+.1f}"))))
    return "\n\n".join(
        (
            table((f"in {figures.minutes:g} minutes", ""), [(name, str(value)) for name, value in counted.items()]),
            table(("held by the service", "mean", "growth an hour"), held),
        )
    )


def _latencies(latencies: list[float]) -> str:
    if len(latencies) < 2:
        return "too few"
    cuts = quantiles(latencies, n=100, method="inclusive")
    return f"{cuts[49]:.2f} / {cuts[98]:.2f} / {max(latencies):.2f}"
