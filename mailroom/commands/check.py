"""`mailroom check`: can this configuration work?"""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import click

from mailroom.account import Account
from mailroom.commands.console import Console
from mailroom.commands.options import config_option
from mailroom.commands.runner import run_on_account
from mailroom.core.findings import Finding, Severity
from mailroom.setup.check import check

_PROXIES: Final = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")


@click.command("check", epilog="Example: mailroom check --config config.yaml")
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects, for a script.")
@click.pass_context
def command(ctx: click.Context, config_file: Path | None, *, as_json: bool) -> None:
    """Look whether all that Mailroom needs is well.

    The session, the account, its mailboxes, contacts and groups, push, and the rules for new mail: a line each, with
    what to do about it. Nothing is changed, but that the place of the error label in the order of mailboxes is set and
    at once set back, to see how soon the server announces a change. The exit status is 0 if Mailroom can do its work,
    though perhaps with a warning, 1 if it cannot, and 2 for settings that cannot be used.
    """
    console = Console()

    async def look(account: Account) -> list[Finding]:
        findings = []
        async for finding in _told(account):
            findings.append(finding)
            if not as_json:
                console.line(str(finding), finding.severity)
        return findings

    findings = run_on_account(config_file, console, look)
    if as_json:
        # Scripts know the severity by the name `mark`.
        console.json([{"mark": each.severity, "subject": each.subject, "text": each.text} for each in findings])
    ctx.exit(1 if any(each.severity is Severity.FAIL for each in findings) else 0)


async def _told(account: Account) -> AsyncIterator[Finding]:
    async for finding in check(account):
        yield finding
        variable = next((each for each in _PROXIES if os.environ.get(each)), None)
        if variable is not None and finding.subject == "session" and finding.severity is Severity.FAIL:
            text = f"{variable} is set, but Mailroom asks no proxy: it has to reach the server by itself."
            yield Finding(Severity.WARN, "proxy", text)
