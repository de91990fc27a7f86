"""`mailroom setup`: an account made ready."""

import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from mailroom.account import Account
from mailroom.commands.console import Console
from mailroom.commands.options import config_option
from mailroom.commands.runner import run_on_account
from mailroom.core.config import MailroomSettings
from mailroom.core.errors import MailroomError
from mailroom.core.findings import Severity
from mailroom.core.text_file import expanded
from mailroom.routing.fastmail import instructions, mail_rules
from mailroom.setup.apply import apply
from mailroom.setup.diff import diff_account
from mailroom.setup.requirements import Kind, Requirement, State

_SEVERITIES: Final = {State.EXISTS: Severity.OK, State.CREATED: Severity.OK, State.WRONG: Severity.FAIL}


@click.command("setup", epilog="Example: mailroom setup --apply")
@config_option
@click.option("--apply", "create", is_flag=True, help="Create what is missing.")
@click.option("--activate", is_flag=True, help="Let the routing rules take the place of a Sieve script of your own.")
@click.option(
    "--rules",
    "rules_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the routing rules for Fastmail's Settings, Filters & Rules, Import.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects, for a script.")
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    config_file: Path | None,
    rules_file: Path | None,
    *,
    create: bool,
    activate: bool,
    as_json: bool,
) -> None:
    """Show what the account lacks; with --apply, create it.

    The settings ask for mailboxes, labels, contact groups and the rules for new mail. Without --apply nothing is
    changed; with it, nothing but what is missing, so that it may be run at any time. The exit status is 0, 1 if
    something failed or has to be put right by hand first, and 2 for settings that cannot be used.
    """

    async def make_ready(account: Account) -> tuple[MailroomSettings, tuple[Requirement, ...]]:
        diff = await diff_account(account, activate=activate)
        outcomes = await apply(account, diff, activate=activate) if create else diff.requirements
        return account.settings, outcomes

    console = Console()
    settings, requirements = run_on_account(config_file, console, make_ready)
    if rules_file is not None:
        _write_rules(rules_file, settings)
    if as_json:
        console.json([_json(each) for each in requirements])
    else:
        severities = [_SEVERITIES.get(each.state, Severity.WARN) for each in requirements]
        console.table(("what", "name", "state"), map(_cells, requirements), severities)
        for line in _afterword(requirements, settings, rules_file):
            console.line(line)
    ctx.exit(1 if any(each.state is State.WRONG for each in requirements) else 0)


def _cells(requirement: Requirement) -> tuple[str, str, str]:
    return requirement.kind, requirement.name, str(requirement)


def _json(requirement: Requirement) -> dict[str, Any]:
    return {
        "kind": requirement.kind,
        "name": requirement.name,
        "state": requirement.state,
        "remark": requirement.remark,
    }


def _write_rules(file: Path, settings: MailroomSettings) -> None:
    rules = json.dumps(mail_rules(settings, datetime.now(UTC)), indent=2, ensure_ascii=False)
    try:
        expanded(file).write_text(f"{rules}\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise MailroomError(f"{file} cannot be written ({reason}). Give another path to --rules.") from error


def _afterword(
    requirements: Collection[Requirement], settings: MailroomSettings, rules_file: Path | None
) -> Iterable[str]:
    """What the table means, and what to do next."""
    states = {each.state for each in requirements}
    yield ""
    if State.CREATE in states:
        yield "Nothing has been changed. Create what is missing with: mailroom setup --apply"
    elif State.WRONG in states:
        yield "Put right what the table says is wrong, and run it again."
    elif State.CREATED in states:
        yield "The account is ready."
    else:
        yield "The account is ready. There was nothing to do."
    if rules_file is not None:
        yield f"{rules_file} is written. Import it in Fastmail: Settings, Filters & Rules, Import."
    elif any(map(_is_left_to_user, requirements)):
        yield ""
        yield "New mail is routed by rules of your mail server, which only you can make:"
        yield from (f"{number}. {step}" for number, step in enumerate(instructions(settings), 1))
        yield "Or have them written into a file to import: mailroom setup --rules mailrules.json"


def _is_left_to_user(requirement: Requirement) -> bool:
    """Whether these are rules that Mailroom can do nothing for: they have no script, and so no name."""
    return requirement.kind is Kind.ROUTING and requirement.state is State.BY_HAND and not requirement.name
