"""Options that every command has."""

from pathlib import Path
from typing import Final

import click


def _config_of_the_group() -> Path | None:
    """What `mailroom --config FILE run` says is good for `run`."""
    config_file: Path | None = click.get_current_context().find_root().params.get("config_file")
    return config_file


config_option: Final = click.option(
    "-c",
    "--config",
    "config_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=_config_of_the_group,
    help="YAML file with the settings. Default: config.yaml, if there is one here.",
)
"""`--config FILE`, for the group and for each command, wherever on the line people put it."""
