"""`mailroom reset`: an account as if Mailroom had never been there."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from twisted.internet.interfaces import IReactorFDSet

from mailroom.account import Account
from mailroom.commands.console import Console
from mailroom.commands.options import config_option
from mailroom.commands.prompt import confirmed
from mailroom.commands.runner import run_on_account
from mailroom.contacts.book import Contact
from mailroom.core.findings import Severity
from mailroom.setup.reset import Reset, ResetPlan, ResetReport
from mailroom.setup.undo import Fate

_MAILS: Final = {
    Fate.TO_SCREENER: (
        "mail that lies in Mailroom's mailboxes alone goes back to the screener",
        "mails that lie in Mailroom's mailboxes alone go back to the screener",
    ),
    Fate.ELSEWHERE: (
        "mail leaves Mailroom's mailboxes, and stays where else it is",
        "mails leave Mailroom's mailboxes, and stay where else they are",
    ),
    Fate.UNLABELLED: ("mail only loses a label of Mailroom's", "mails only lose a label of Mailroom's"),
    Fate.STUCK: (
        "mail stays in Mailroom's mailboxes: there is neither a screener nor an Inbox for it",
        "mails stay in Mailroom's mailboxes: there is neither a screener nor an Inbox for them",
    ),
}
_DELETED: Final = ("contact that Mailroom created is deleted", "contacts that Mailroom created are deleted")
_KEPT: Final = (
    "contact that Mailroom created, but that was edited since, is kept without its notes",
    "contacts that Mailroom created, but that were edited since, are kept without its notes",
)
_ADOPTED: Final = (
    "contact that was there before loses Mailroom's notes, and nothing else",
    "contacts that were there before lose Mailroom's notes, and nothing else",
)
_SCRIPT: Final = ("script of Mailroom's is removed from the mail server",) * 2
"""What becomes of one, and of several."""


@click.command("reset", epilog="Example: mailroom reset --apply --remove-mailboxes")
@config_option
@click.option("--apply", is_flag=True, help="Do it, after a question. Without this, it is only shown.")
@click.option("--yes", is_flag=True, help="With --apply: do not ask.")
@click.option("--remove-mailboxes", is_flag=True, help="Remove mailboxes, labels and groups too, where they are empty.")
def command(config_file: Path | None, *, apply: bool, yes: bool, remove_mailboxes: bool) -> None:
    """Put the account back as if Mailroom had never been there.

    Mail leaves the mailboxes of all categories: what is nowhere else goes back to the screener. Labels come off, groups
    are emptied, contacts that Mailroom created are deleted unless you have edited them, its notes are taken out of all
    others, and its script is removed from the mail server.

    Stop the service first, and keep the settings that it ran with: what they do not name is not found. When this is cut
    short, run it again.
    """
    if apply and not yes and not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask at. Add --yes to go ahead without a question.")
    console = Console()

    async def go(account: Account) -> ResetReport | None:
        reset = Reset(account.client, await account.open_book(), account.router(), account.settings)
        with console.progress("looking") as progress:
            plan = await reset.plan(progress)
        _show(console, plan)
        if not apply:
            console.line("Nothing is changed without --apply.")
            return None
        if not yes:
            console.line("Do all of this? [y/N]")
            # The clock of a task is the reactor of the process, wherever there is a terminal to ask at.
            if not await confirmed(sys.stdin.fileno(), IReactorFDSet(account.clock)):
                raise click.Abort
        with console.progress("putting back") as progress:
            return await reset.apply(progress, remove_mailboxes=remove_mailboxes)

    report = run_on_account(config_file, console, go)
    if report is not None:
        _tell(console, report)


def _show(console: Console, plan: ResetPlan) -> None:
    """What a reset would do, and whose contacts it would keep."""
    rows = [(f"{count}", one if count == 1 else several) for count, (one, several) in _lines(plan) if count]
    if rows:
        console.table(("how many", "what"), rows)
    else:
        console.line("There is nothing of Mailroom's in this account.")
    for contact in plan.contacts.kept:
        console.line(f"kept, as it was edited: {_shown(contact)}")


def _lines(plan: ResetPlan) -> Iterator[tuple[int, tuple[str, str]]]:
    """How many there are of something, and what becomes of one and of several."""
    contacts = plan.contacts
    for fate, what in _MAILS.items():
        yield plan.mails[fate], what
    for group, members in {**contacts.members, **contacts.provenance}.items():
        name = f'the contact group "{contacts.groups[group]}"'
        yield len(members), (f"member leaves {name}", f"members leave {name}")
    yield len(contacts.deleted), _DELETED
    yield len(contacts.kept), _KEPT
    yield len(contacts.adopted), _ADOPTED
    yield int(plan.rules), _SCRIPT


def _tell(console: Console, report: ResetReport) -> None:
    """What a reset did; status 1 if some of it failed."""
    for name in report.removed:
        console.line(f"{name} is removed", Severity.OK)
    for name in report.left:
        console.line(f"{name} is left, as it is not empty", Severity.WARN)
    if report.advice is not None:
        console.line(report.advice)
    for failure in report.failures:
        console.error(failure)
    if report.failures:
        console.error("The rest is done. Run this again to try what failed once more.")
        raise SystemExit(1)
    console.line("The account is as if Mailroom had never been there.", Severity.OK)


def _shown(contact: Contact) -> str:
    return f"{contact.name} <{', '.join(sorted(contact.addresses))}>".strip()
