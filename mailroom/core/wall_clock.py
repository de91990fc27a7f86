"""The time that people read, apart from the clock that measures.

Whatever waits, times out or grows old goes by the clock of the process, an `IReactorTime`. In production that clock
starts anywhere and is never set, so that a step of the machine's time, by an administrator, a time server or a resumed
virtual machine, neither holds up a poll nor brings one forward. It tells no date. What is shown to people, written into
an account, or compared with a date that a server names, goes by a wall clock, which is handed in beside it.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeAlias

WallClock: TypeAlias = Callable[[], float]
"""Tells the seconds since the epoch, as the machine's clock is set now.

Where none is handed in, the clock that measures stands in for it: in memory, one clock may well be both.
"""


def today(wall_clock: WallClock) -> date:
    """The date, in UTC."""
    return datetime.fromtimestamp(wall_clock(), UTC).date()
