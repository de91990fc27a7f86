"""The command line: `mailroom`, which is also `python -m mailroom`."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar, Final, NoReturn

import click

from mailroom import __version__
from mailroom.commands.options import config_option
from mailroom.core.errors import MailroomError, WrongUsage
from mailroom.core.printable import one_line

COMMANDS: Final = ("run", "setup", "check", "status", "senders", "triage", "sweep", "reset", "demo")
"""Each is a module of mailroom.commands with a `command`."""
_INTERRUPTED: Final = 130
"""What shells say of a program that SIGINT ended."""


class _ArgumentRefused(click.ClickException):
    exit_code: ClassVar[int] = 2


class Commands(click.Group):
    """Imports a command when it is asked for: none pays for what another one needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"mailroom.commands.{cmd_name}").command
        return command

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _ending_in_words():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _ending_in_words():
            return super().invoke(ctx)


@contextmanager
def _ending_in_words() -> Iterator[None]:
    """Errors meant for people end in their message and their status, Ctrl-C in 130, all others in a traceback."""
    try:
        yield
    except MailroomError as error:
        kind = _ArgumentRefused if isinstance(error, WrongUsage) else click.ClickException
        _show(kind(str(error)))
    except click.ClickException as error:
        _show(error)
    except KeyboardInterrupt:
        raise click.exceptions.Exit(_INTERRUPTED) from None


def _show(error: click.ClickException) -> NoReturn:
    """End as click does, but without the control characters of what the error quotes."""
    shown = StringIO()
    error.show(shown)
    for line in shown.getvalue().removesuffix("\n").split("\n"):
        click.echo(one_line(line), err=True)
    raise click.exceptions.Exit(error.exit_code) from None


def _run_task(settings: Any, task: Any) -> Any:
    """`mailroom.tap.run_task`, imported with the first task: `status` is to start without Twisted."""
    return import_module("mailroom.tap").run_task(settings, task)


@click.group(
    cls=Commands,
    invoke_without_command=True,
    epilog="Example: mailroom setup --apply && mailroom",
    context_settings={"obj": _run_task},
)
@click.version_option(__version__, prog_name="mailroom")
@config_option
@click.pass_context
def main(ctx: click.Context, config_file: Path | None) -> None:
    """Label one mail, and its sender is filed for ever."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(import_module("mailroom.commands.run").command, config_file=config_file)


if __name__ == "__main__":
    main(prog_name="mailroom")
