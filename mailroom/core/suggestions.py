"""What a person who misspelled a name most likely meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word most like this one, if any is alike enough: `likeness` goes from 0 to 1, which is equality."""
    by_folded = {name.casefold(): name for name in known}
    matches = get_close_matches(word.casefold(), by_folded, n=1, cutoff=likeness)
    return by_folded[matches[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence to append to an error, with a space before it, or nothing."""
    return or_rather(filter(None, [nearest(word, known)]))


def or_rather(names: Iterable[str]) -> str:
    """The same sentence for names that are found already."""
    listed = " or ".join(f"'{name}'" for name in names)
    return f" Did you mean {listed}?" if listed else ""
