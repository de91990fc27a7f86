"""`mailroom senders`: who has been triaged where, and when."""

from pathlib import Path
from typing import Any

import click

from mailroom.account import Account
from mailroom.commands.console import Console
from mailroom.commands.options import config_option
from mailroom.commands.runner import run_on_account
from mailroom.core.categories import Category, choose_category
from mailroom.model.missing import lacking
from mailroom.triage.senders import TriagedSender, ambiguous_groups, triaged_senders


@click.command("senders", epilog='Example: mailroom senders --category "Paper Trail"')
@config_option
@click.option("--category", metavar="NAME", help="Only senders of this category, not those of its children.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects, for a script.")
def command(config_file: Path | None, category: str | None, *, as_json: bool) -> None:
    """List who has been triaged where, and when.

    The contact groups tell where a sender is now, and the notes of the contact since when. A sender without a date was
    put into the group by hand.
    """

    async def look(account: Account) -> tuple[Category | None, tuple[TriagedSender, ...], tuple[str, ...]]:
        settings = account.settings
        only = choose_category(category, settings.categories) if category is not None else None
        everyone = await (await account.open_book()).everyone()
        return only, triaged_senders(everyone, settings, only), ambiguous_groups(everyone, settings)

    console = Console()
    only, senders, ambiguous = run_on_account(config_file, console, look)
    if ambiguous:
        console.error(f"Members are not listed where a group {lacking(ambiguous)}.")
    if as_json:
        console.json([_json(sender) for sender in senders])
    elif senders:
        console.table(("sender", "name", "category", "triaged"), map(_row, senders))
    else:
        console.line("Nobody has been triaged yet." if only is None else f"Nobody is in {only.name}.")


def _row(sender: TriagedSender) -> tuple[str, str, str, str]:
    return (
        ", ".join(sender.addresses),
        sender.name,
        " and ".join(category.name for category in sender.categories),
        sender.day.isoformat() if sender.day else "",
    )


def _json(sender: TriagedSender) -> dict[str, Any]:
    return {
        "addresses": list(sender.addresses),
        "name": sender.name,
        "categories": [category.name for category in sender.categories],
        "triaged_on": sender.day.isoformat() if sender.day else None,
        "created_by_mailroom": sender.created,
    }
