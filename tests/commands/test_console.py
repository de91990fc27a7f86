"""What commands print on a terminal, and what anywhere else."""

import json
from io import StringIO

import pytest

from mailroom.commands.console import Console
from mailroom.core.findings import Severity

HEAD = ("what", "state")
ROWS = [("mailbox", "exists"), ("label", "[red]missing\x1b[0m")]


class Paper:
    """A console with what it printed."""

    def __init__(self, *, terminal: bool) -> None:
        self._out, self._err = StringIO(), StringIO()
        self.console = Console(self._out, self._err, terminal=terminal)

    @property
    def out(self) -> str:
        return self._out.getvalue()

    @property
    def err(self) -> str:
        return self._err.getvalue()


@pytest.fixture
def pipe() -> Paper:
    return Paper(terminal=False)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Paper:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return Paper(terminal=True)


def test_a_table_in_a_pipe_is_plain_lines(pipe: Paper) -> None:
    """Nothing but the cells, set in columns, for grep and for awk."""
    pipe.console.table(HEAD, ROWS)
    assert pipe.out == "what     state\nmailbox  exists\nlabel    [red]missing\\x1b[0m\n"


def test_a_long_line_in_a_pipe_is_one_line(pipe: Paper) -> None:
    """Whatever the width of a terminal that is not there."""
    pipe.console.line("word " * 100 + "end", Severity.WARN)
    assert pipe.out.count("\n") == 1


def test_severities_are_words(pipe: Paper) -> None:
    """In a column of their own."""
    pipe.console.line("mail", Severity.OK)
    pipe.console.line("push", Severity.FAIL)
    assert pipe.out == "ok    mail\nfail  push\n"


def test_a_table_on_a_terminal_has_the_colours_of_its_severities(terminal: Paper) -> None:
    """Red where something is wrong."""
    terminal.console.table(HEAD, ROWS[:1], severities=[Severity.FAIL])
    assert "\x1b[31mexists" in terminal.out


def test_no_color_is_respected(terminal: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sets it gets the same words without colours."""
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Paper(terminal=True)
    plain.console.line("push", Severity.FAIL)
    terminal.console.line("push", Severity.FAIL)
    assert ("\x1b[31m" in plain.out, "\x1b[31m" in terminal.out) == (False, True)


def test_no_text_talks_to_the_terminal(terminal: Paper) -> None:
    """The names in an account are somebody else's words."""
    terminal.console.line("\x1b]0;owned\x07")
    terminal.console.table(HEAD, ROWS)
    assert "\x1b]0;" not in terminal.out
    assert "[red]missing\\x1b[0m" in terminal.out


def test_json_is_json(pipe: Paper) -> None:
    """Just as it went in."""
    pipe.console.json({"name": "[bold]Ä\x1b" * 50})
    assert json.loads(pipe.out) == {"name": "[bold]Ä\x1b" * 50}


def test_progress_goes_to_stderr(terminal: Paper) -> None:
    """What stdout carries may be read by a program."""
    with terminal.console.progress("filing") as advance:
        advance(3, 10)
    assert "3/10" in terminal.err
    assert terminal.out == ""


def test_progress_in_a_pipe_is_silent(pipe: Paper) -> None:
    """A log of it helps nobody."""
    with pipe.console.progress("filing") as advance:
        advance(3, 10)
    assert pipe.err == ""


def test_errors_go_to_stderr(pipe: Paper) -> None:
    """As click's own do."""
    pipe.console.error("so it is")
    assert (pipe.out, pipe.err) == ("", "Error: so it is\n")


@pytest.mark.parametrize(
    "unseen", ["\x1b[2J", "\n", "\r", "\x07", "\x9b", "\N{RIGHT-TO-LEFT OVERRIDE}", "\u2028", "\x85"]
)
def test_nothing_that_is_quoted_controls_a_terminal(terminal: Paper, unseen: str) -> None:
    """Neither in a line nor in a table, an error or a progress bar."""
    text = f"before{unseen}after"
    terminal.console.line(text)
    terminal.console.table(("what",), [(text,)])
    terminal.console.error(text)
    with terminal.console.progress(text) as advance:
        advance(1, 1)
    shown = terminal.out + terminal.err
    assert text not in shown
    assert shown.count(text.encode("unicode_escape").decode("ascii")) >= 4
