"""How a command does its task on the account of the settings, and ends."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import click
from twisted.internet.defer import Deferred

from mailroom.account import Account
from mailroom.commands.console import Console
from mailroom.core.config import MailroomSettings, load_settings
from mailroom.core.config_errors import ConfigurationError

_T = TypeVar("_T")
Task = Callable[[Account], Coroutine[Deferred[Any], Any, _T]]


class SettingsRefused(click.ClickException):
    """The settings cannot be used: for a command as much an error of usage as an option that there is not."""

    exit_code: ClassVar[int] = 2


def command_settings(config_file: Path | None) -> MailroomSettings:
    """Settings with which an account can be reached, or an end in words and status 2."""
    try:
        settings = load_settings(config_file)
        settings.require_credentials()
    except ConfigurationError as error:
        raise SettingsRefused(str(error)) from None
    return settings


def run_on_account(config_file: Path | None, console: Console, task: Task[_T]) -> _T:
    """Run the task on the account that the settings name; its result, or what it raised.

    From then on the console keeps the account's secrets out of what it prints, and errors are without them too.

    What runs it is the context's `obj`, with the signature of `mailroom.tap.run_task`: the command line brings that,
    and whoever else invokes a command may bring another.
    """

    async def act(account: Account) -> _T:
        console.redaction = account.redaction
        with account.redaction.errors():
            return await task(account)

    result: _T = click.get_current_context().obj(command_settings(config_file), act)
    return result
