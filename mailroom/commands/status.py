"""`mailroom status`: how the running service is doing. It starts fast, for orchestrators ask again and again."""

import json
from importlib import import_module
from pathlib import Path

import click

from mailroom.commands.options import config_option
from mailroom.core.errors import MailroomError
from mailroom.core.printable import one_line
from mailroom.web.health_client import NotReachable, fetch_health, health_url
from mailroom.web.health_text import health_text, is_healthy


@click.command("status", epilog="Example: mailroom status --url http://127.0.0.1:8080/healthz")
@config_option
@click.option("--url", help="Where the service's /healthz is. Default: as the setting `web` says, on this machine.")
@click.option("--json", "as_json", is_flag=True, help="Print what /healthz says, for a script.")
@click.pass_context
def command(ctx: click.Context, config_file: Path | None, url: str | None, *, as_json: bool) -> None:
    """Ask the running service how it is doing.

    The exit status is 0 if it is healthy, 1 if it is not, and 2 if it cannot be reached. Fit for a container's
    HEALTHCHECK; with --url no settings are read, which is faster.
    """
    try:
        report = fetch_health(url or _url_by_settings(config_file))
    except MailroomError as error:
        click.echo(f"Error: {error}", err=True)
        ctx.exit(2)
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        for finding in health_text(report):
            click.echo(f"{finding.severity:<4}  {one_line(str(finding))}")
    ctx.exit(0 if is_healthy(report) else 1)


def _url_by_settings(config_file: Path | None) -> str:
    # Imported here, for it brings pydantic, and a probe with --url needs no settings.
    endpoint: str = import_module("mailroom.core.config").load_settings(config_file).web
    url = health_url(endpoint)
    if url is None:
        raise NotReachable(f"web is {endpoint or 'none'} in the settings: say with --url where /healthz is.")
    return url
