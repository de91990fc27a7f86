"""The service in the foreground."""

from pathlib import Path

import click

from mailroom.commands.options import config_option
from mailroom.tap import run, service_settings


@click.command("run", epilog="Example: mailroom run --config config.yaml")
@config_option
def command(config_file: Path | None) -> None:
    """Watch the account until told to stop (the default)."""
    run(service_settings(config_file))
