"""A screener at work on a server whose answers are altered on their way."""

from collections.abc import Callable
from typing import Any

from mailroom.core.errors import MailroomError
from tests.altering import AlteringAgent, alter_answers
from tests.triage.screening import ScreenerTestCase


class AlteredScreenerTestCase(ScreenerTestCase):
    """A test whose screener hears what `answers` makes of each answer to a method call."""

    def setUp(self) -> None:
        super().setUp()
        self.altering = AlteringAgent(self.agent)
        self.agent = self.altering  # type: ignore[assignment]  # it takes its place
        self.connect()

    def answers(self, alter: Callable[[str, dict[str, Any]], Any] | None) -> None:
        """Alter the answers from now on, or no longer."""
        self.altering.alter = None if alter is None else alter_answers(alter)

    def attempt(self) -> None:
        """A poll that may fail, but not with anything unforeseen."""
        polling = self.start_poll()
        polling.addErrback(lambda failure: failure.trap(MailroomError))
        self.successResultOf(polling)
        assert self.flushLoggedErrors() == []  # type: ignore[no-untyped-call]  # untyped in Twisted
