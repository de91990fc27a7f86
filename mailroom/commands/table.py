"""Tables in plain text."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lines with a heading each column, as wide as its widest cell. Columns of nothing but figures are set flush right.

    No line ends in white space, and cells are shown as they are: they must not hold line breaks.
    """
    lines = [tuple(head), *(tuple(row) for row in rows)]
    columns = [_aligned(column) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cells).rstrip() for cells in zip(*columns, strict=True))


def _aligned(column: Sequence[str]) -> list[str]:
    width = max(map(len, column))
    flush_right = all(_is_figure(cell) for cell in column[1:] if cell)
    return [cell.rjust(width) if flush_right else cell.ljust(width) for cell in column]


def _is_figure(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").isdigit()
