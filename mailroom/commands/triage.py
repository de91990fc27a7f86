"""`mailroom triage`: what a tap does, from the command line."""

from pathlib import Path
from typing import Any

import click

from mailroom.account import Account
from mailroom.commands.console import Console
from mailroom.commands.options import config_option
from mailroom.commands.runner import run_on_account
from mailroom.core.categories import choose_category
from mailroom.core.findings import Severity
from mailroom.core.wall_clock import today
from mailroom.routing.sync import renew_rules
from mailroom.triage.one_sender import OneSenderTriage, read_sender
from mailroom.triage.plan import Filing


@click.command("triage", epilog="Example: mailroom triage news@shop.example Feed")
@config_option
@click.argument("address")
@click.argument("category")
@click.option("--json", "as_json", is_flag=True, help="Print an object, for a script.")
def command(config_file: Path | None, address: str, category: str, *, as_json: bool) -> None:
    """File the sender ADDRESS under CATEGORY, as a tap does.

    The sender's contact joins the category's group, and all of its mail is moved. It works as well for a sender who has
    never written. ADDRESS may come with a name, as in "Bob Stone <bob@example.com>".
    """

    async def file(account: Account) -> tuple[Filing, str | None]:
        sender = read_sender(address)
        chosen = choose_category(category, account.settings.categories)
        filing = OneSenderTriage(account.client, await account.open_book(), account.settings)
        filed = await filing.file(sender, chosen, today(account.wall_clock))
        return filed, await renew_rules(account.router())

    console = Console()
    filing, problem = run_on_account(config_file, console, file)
    if as_json:
        console.json(_json(filing))
    else:
        _tell(console, filing)
    if problem is not None:
        console.error(f"The sender is triaged, but new mail is not routed yet: {problem}")
        raise SystemExit(1)


def _tell(console: Console, filing: Filing) -> None:
    done = "re-triaged" if filing.retriage else "triaged"
    console.line(f"{done} {filing.tap.address} to {filing.tap.category.name} moved={len(filing.moved)}", Severity.OK)
    if filing.mismatch is not None:
        said = filing.tap.name
        console.line(
            f"the contact of {filing.tap.address} is called {filing.mismatch}, its mail says {said}", Severity.WARN
        )


def _json(filing: Filing) -> dict[str, Any]:
    return {
        "address": filing.tap.address,
        "category": filing.tap.category.name,
        "retriage": filing.retriage,
        "contact_created": filing.create is not None,
        "moved": len(filing.moved),
        "contact_called": filing.mismatch,
    }
