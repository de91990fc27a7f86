"""What a table looks like."""

import pytest

from mailroom.commands.table import table


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    """Headings count as much as what is below them."""
    assert table(["word", "x"], [["a", "long"], ["b", "b"]]) == "word  x\na     long\nb     b"


def test_figures_are_flush_right() -> None:
    """Figures stand under one another by their last digit."""
    assert table(["ms"], [["7"], ["120"]]) == " ms\n  7\n120"


def test_words_that_begin_with_a_figure() -> None:
    """A column of words is set flush left, whatever they begin with."""
    assert table(["what"], [["1 mail"], ["20 mails"]]) == "what\n1 mail\n20 mails"


def test_large_and_small_figures() -> None:
    """Separators and points belong to a figure."""
    assert table(["of"], [["1,000"], ["0.5"]]) == "   of\n1,000\n  0.5"


def test_missing_figure_among_figures() -> None:
    """A figure that was not taken makes no words of the others."""
    assert table(["ms", "of"], [["", "a"], ["12", "b"]]) == "ms  of\n    a\n12  b"


def test_no_rows() -> None:
    """Without rows there are the headings."""
    assert table(["ms", "of"], []) == "ms  of"


def test_ragged_rows_are_refused() -> None:
    """A row of another length is a mistake of the caller's."""
    with pytest.raises(ValueError, match="zip"):
        table(["one", "two"], [["alone"]])
