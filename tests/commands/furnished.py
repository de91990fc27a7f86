"""Commands on an account that has everything, and some senders."""

from tests.commands.invoking import CommandTestCase
from tests.performing import PerformingTestCase


class FurnishedCommandTestCase(PerformingTestCase, CommandTestCase):
    """A test that gives commands for an account with everything that the settings ask for."""
