"""`mailroom sweep`: all mail where the contact groups say."""

from pathlib import Path
from typing import Any

import click

from mailroom.account import Account
from mailroom.commands.console import Console
from mailroom.commands.options import config_option
from mailroom.commands.runner import run_on_account
from mailroom.core.findings import Severity
from mailroom.core.printable import counted
from mailroom.model.missing import lacking
from mailroom.routing.sync import renew_rules
from mailroom.triage.all_mail import staying
from mailroom.triage.sweep import SweepReport, sweep


@click.command("sweep", epilog="Example: mailroom sweep --apply")
@config_option
@click.option("--apply", is_flag=True, help="Move the mail. Without this, it is only counted.")
@click.option("--json", "as_json", is_flag=True, help="Print an object, for a script.")
def command(config_file: Path | None, *, apply: bool, as_json: bool) -> None:
    """File all mail by the contact groups as they are now.

    For groups that were edited by hand, and for categories that were changed. It can be broken off with Ctrl-C at any
    time, and run again: what is in its place already is left alone. Mail of senders in no group stays where it is.
    """
    console = Console()
    with console.progress("sweeping" if apply else "counting") as progress:

        async def go(account: Account) -> tuple[SweepReport, str | None]:
            book = await account.open_book()
            report = await sweep(account.client, book, account.settings, progress, apply=apply)
            return report, await renew_rules(account.router()) if apply else None

        report, problem = run_on_account(config_file, console, go)
    if as_json:
        console.json(_json(report, apply=apply))
    else:
        _show(console, report, apply=apply)
    for reason, count in report.refused.items():
        console.error(f"{staying(count)}: {reason}. Run this again to try once more.")
    if problem is not None:
        console.error(f"The mail is filed, but new mail is not routed yet: {problem}")
    if report.refused or problem is not None:
        raise SystemExit(1)


def _show(console: Console, report: SweepReport, *, apply: bool) -> None:
    rows = [(each.categories, f"{each.senders}", f"{each.mails}") for each in report.swept]
    if rows:
        console.table(("category", "senders", "mails moved" if apply else "mails to move"), rows)
    for name in report.missing:
        console.line(f"{lacking([name])}: the mail that belongs there stays where it is", Severity.WARN)
    moved, one = f"{report.moved} of {counted(report.looked_at, 'mail')}", report.looked_at == 1
    if apply:
        console.line(f"{moved} {'was' if one else 'were'} moved.")
    else:
        console.line(f"{moved} {'is' if one else 'are'} to be moved. Nothing is changed without --apply.")


def _json(report: SweepReport, *, apply: bool) -> dict[str, Any]:
    return {
        "applied": apply,
        "mails": report.looked_at,
        "moved": report.moved,
        "categories": [
            {"category": each.categories, "senders": each.senders, "mails": each.mails} for each in report.swept
        ],
        "missing": list(report.missing),
        "refused": dict(report.refused),
    }
