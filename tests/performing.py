"""Tasks and commands at work on a furnished account, on a clock."""

import click
from click.testing import CliRunner, Result

from tests.empty import EmptyTestCase
from tests.furnished import ORIGIN, FurnishedTestCase


class PerformingTestCase(EmptyTestCase):
    """A test that does what commands do, on an account with everything that the settings ask for."""

    furnish = FurnishedTestCase.furnish

    def invoke(self, command: click.Command, *arguments: str) -> Result:
        """What a command says and does, in a pipe. Its settings come from the environment."""
        options = self.sandbox.options
        environment = {
            "MAILROOM_JMAP_URL": ORIGIN,
            "MAILROOM_JMAP_USERNAME": options.username,
            "MAILROOM_JMAP_PASSWORD": options.password,
            "MAILROOM_CARDDAV_URL": ORIGIN,
            "MAILROOM_CONTACTS": self.contacts,
        }
        return CliRunner(env=environment).invoke(command, arguments, obj=self.perform)

    def put_into(self, group: str, address: str, name: str = "Bob Stone", note: str = "") -> str:
        """A contact of the user's own making, put into a group by hand; its uid."""
        uid = self.book.add_contact(name, address, note=note)
        self.book.add_member(group, uid)
        return uid
