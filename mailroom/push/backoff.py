"""How long to wait before the next attempt. Pure: the caller brings the randomness."""

from collections.abc import Callable
from typing import Final

Uniform = Callable[[float, float], float]

CAP: Final = 60.0
"""Seconds that failures alone make us wait at most, and what we wait at least where only a person can help."""
SHORTEST: Final = 0.5
"""Seconds between two attempts, at the least."""
LONGEST_FLOOR: Final = 3600.0
"""Seconds of a server's own wish that are heeded: a slip of it must not silence the stream for days."""
_DOUBLINGS: Final = 6


def ceiling(failures: int) -> float:
    """`min(60, 2**n)` seconds for n failures in a row, the last one included."""
    return min(CAP, 2.0 ** min(failures, _DOUBLINGS))


def delay(failures: int, floor: float | None, uniform: Uniform) -> float:
    """Seconds to wait after so many failures in a row: "full jitter", so that many clients do not come back at once.

    `floor` is what the server asked for, by a `retry` field or by Retry-After. The HTML standard's reconnection time is
    a minimum (section 9.2.3): the jitter comes on top of it.
    """
    if floor is None:
        return uniform(SHORTEST, ceiling(failures))
    return _within_reason(floor) + uniform(0.0, ceiling(failures))


def longest_delay(floor: float | None) -> float:
    """Seconds to wait where another attempt helps only if a person has changed something."""
    return max(CAP, _within_reason(floor or 0.0))


def shortest_delay(floor: float | None) -> float:
    """Seconds to wait where nothing has failed."""
    return _within_reason(floor or 0.0)


def _within_reason(floor: float) -> float:
    return min(max(floor, SHORTEST), LONGEST_FLOOR)
