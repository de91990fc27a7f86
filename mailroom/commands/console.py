"""What commands print: tables, colours and progress on a terminal, plain lines anywhere else."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import IO, Any, Final

from rich.console import Console as RichConsole
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from mailroom.commands.table import table as plain_table
from mailroom.core.findings import Severity
from mailroom.core.printable import one_line
from mailroom.core.redaction import Redaction

_COLOURS: Final = {Severity.OK: "green", Severity.WARN: "yellow", Severity.FAIL: "red"}
_SEVERITY_WIDTH: Final = max(map(len, Severity))


class Console:
    """Prints for people on a terminal, for programs in a pipe, and without colours where `NO_COLOR` is set.

    `out` and `err` are the streams of the process unless others are given; `terminal` says what they are, where they
    cannot be asked. Texts are shown as they are, in no markup, with their control characters escaped, and without what
    `redaction` knows to be secret.
    """

    def __init__(self, out: IO[str] | None = None, err: IO[str] | None = None, *, terminal: bool | None = None) -> None:
        self.redaction = Redaction()
        self._out = _rich(out or sys.stdout, terminal)
        self._err = _rich(err or sys.stderr, terminal)

    def line(self, text: str = "", severity: Severity | None = None) -> None:
        """One line, which only the terminal itself breaks; with a severity in front, where it has one."""
        self._out.print(_with_severity(self.redaction.text(text), severity), soft_wrap=True)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], severities: Iterable[Severity] = ()) -> None:
        """A table, in columns that fit the terminal or are as wide as they need to be. Severities colour the rows."""
        lines = [tuple(one_line(self.redaction.text(cell)) for cell in row) for row in rows]
        if not self._out.is_terminal:
            self._out.print(Text(plain_table(head, lines)), soft_wrap=True)
            return
        grid = Table(*head, box=None, pad_edge=False, header_style="bold")
        for line, severity in zip_longest(lines, severities):
            grid.add_row(*map(Text, line), style=_COLOURS[severity] if severity else None)
        self._out.print(grid)

    def json(self, value: Any) -> None:
        """A value for a script."""
        self._out.print(Text(json.dumps(self.redaction.value(value), indent=2)), soft_wrap=True)

    def error(self, text: str) -> None:
        """What went wrong, on stderr, and on one line."""
        self._err.print(Text(f"Error: {one_line(self.redaction.text(text))}"), soft_wrap=True)

    @contextmanager
    def progress(self, what: str) -> Iterator[Callable[[int, int], None]]:
        """A bar on stderr, if that is a terminal. It is told how much is done, and of how much."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(
            *columns, console=self._err, auto_refresh=False, transient=True, disable=not self._err.is_terminal
        ) as progress:
            task = progress.add_task(one_line(what), total=None)

            def advance(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total, refresh=True)

            yield advance


def _rich(stream: IO[str], terminal: bool | None) -> RichConsole:  # noqa: FBT001 - None leaves it to the stream
    return RichConsole(file=stream, force_terminal=terminal, highlight=False, markup=False, emoji=False)


def _with_severity(text: str, severity: Severity | None) -> Text:
    if severity is None:
        return Text(one_line(text))
    return Text.assemble((f"{severity:<{_SEVERITY_WIDTH}}", _COLOURS[severity]), "  ", one_line(text))
