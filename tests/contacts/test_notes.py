"""Mailroom's lines in the notes of contacts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.contacts.notes import TriageNote, lines_of, triage_notes, without_triage_notes

NOTE = "Triaged to Feed on 2026-11-23"
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1).filter(
    lambda name: name == name.strip()
)
NOTES = st.builds(TriageNote, NAMES, st.dates(), st.booleans())
LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n")).filter(
    lambda line: TriageNote.parse(line) is None
)


@given(NOTES)
def test_note_is_read_as_it_was_written(note: TriageNote) -> None:
    """What is written can be read again, whatever the category is called."""
    assert TriageNote.parse(str(note)) == note


def test_notes_in_words() -> None:
    """A note says in words whether it was the first triage."""
    assert str(TriageNote("Feed", date(2026, 11, 23))) == NOTE
    assert str(TriageNote("Paper Trail", date(2026, 1, 2), retriage=True)) == "Re-triaged to Paper Trail on 2026-01-02"


@pytest.mark.parametrize("line", [f" {NOTE}", f"{NOTE}\r", f"{NOTE}  "])
def test_space_around_a_note(line: str) -> None:
    """Space that another program leaves around a line does not make it another's."""
    assert TriageNote.parse(line) == TriageNote("Feed", date(2026, 11, 23))


@pytest.mark.parametrize(
    "line",
    [
        "",
        f"{NOTE}.",
        f"He said: {NOTE}",
        f"{NOTE} and {NOTE}!",
        "triaged to Feed on 2026-11-23",
        "Triaged to Feed on 2026-11-31",
        "Triaged to Feed on 26-11-23",
        "Triaged to Feed on 2026-11-2\u0663",
        "Triaged to  on",
        "Triaged to Feed",
    ],
)
def test_lines_of_others(line: str) -> None:
    """A line that is not just so is somebody else's."""
    assert TriageNote.parse(line) is None


def test_notes_among_lines() -> None:
    """Mailroom's notes are picked from other lines, in their order."""
    lines = ["Mine", "Re-triaged to Jail on 2026-11-24", "", NOTE]
    assert [note.category for note in triage_notes(lines)] == ["Jail", "Feed"]


def test_lines_of_several_notes() -> None:
    """All lines count, also empty ones between others; a note without a text has none."""
    assert lines_of(["a\n\nb", "", "c"]) == ("a", "", "b", "c")


@given(st.lists(LINES), st.lists(NOTES))
def test_stripping_leaves_what_others_wrote(lines: list[str], notes: list[TriageNote]) -> None:
    """The lines of others stay, to the last character."""
    text = "\n".join([*lines, *map(str, notes)])
    assert without_triage_notes(text) == "\n".join(lines)
