"""The command line: `mailroom`, which is also `python -m mailroom`."""

from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Final

import click

from mailroom import __version__
from mailroom.commands.options import config_option
from mailroom.core.errors import MailroomError, WrongUsage

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

    def invoke(self, ctx: click.Context) -> Any:
        """Errors meant for people end in their message and status 1 or 2, Ctrl-C in 130, others in a traceback."""
        try:
            return super().invoke(ctx)
        except MailroomError as error:
            kind = _ArgumentRefused if isinstance(error, WrongUsage) else click.ClickException
            raise kind(str(error)) from None
        except KeyboardInterrupt:
            raise click.exceptions.Exit(_INTERRUPTED) from None


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
