"""Commands as people give them, on an account in memory."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from click.testing import CliRunner, Result

from mailroom.__main__ import main
from tests.account import AccountTestCase
from tests.furnished import FurnishedTestCase
from tests.hunt import hunt


class CommandTestCase(AccountTestCase):
    """A test that gives commands for an account which is empty at first. `directory` is there to write into."""

    def setUp(self) -> None:
        super().setUp()
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.change_settings()

    def change_settings(self, **settings: Any) -> None:
        """The settings with which the account is found, and others beside them."""
        self.write_settings(
            jmap_url=self.configured.jmap_url,
            jmap_username=self.configured.jmap_username,
            jmap_password=self.sandbox.options.password,
            carddav_url=self.configured.carddav_url,
            contacts=self.configured.contacts,
            **{**self.settings, **settings},
        )

    def write_settings(self, **settings: Any) -> None:
        """Replace the file with the settings."""
        (self.directory / "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")

    def invoke(self, *arguments: str, **variables: str) -> Result:
        """What comes of a command, whatever is set around the tests; an unexpected error is one of the test."""
        around = [name for name in os.environ if name.startswith("MAILROOM_") or name.lower().endswith("_proxy")]
        environment = {**dict.fromkeys(around), **variables}
        line = ["--config", str(self.directory / "config.yaml"), *arguments]
        result = CliRunner(env=environment).invoke(main, line, obj=self.run_task, prog_name="mailroom")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        hunt(f"the output of mailroom {' '.join(arguments)}", result.output)
        return result


class FurnishedCommandTestCase(FurnishedTestCase, CommandTestCase):
    """A test that gives commands for an account with everything that the settings ask for."""
