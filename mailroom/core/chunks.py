"""Much, cut into as much as is good to ask for or to write at a time."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

_T = TypeVar("_T")


def chunked(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    """The items in runs of `size`, in their order; the last one may be shorter. No items are no run."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
