"""A server that does not know a filter is asked otherwise: that a mail is labelled, or whose it is, is still found."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from mailroom.sandbox.errors import MethodError
from mailroom.triage.one_sender import OneSenderTriage, read_sender
from tests.deferreds import result_of
from tests.triage.screening import ScreenerTestCase

Filter = Mapping[str, Any]


def anywhere(filter_: Filter, *names: str) -> bool:
    """Whether a filter has one of these conditions, at its top or below."""
    return any(name in filter_ for name in names) or any(
        anywhere(part, *names) for part in filter_.get("conditions", [])
    )


def below(filter_: Filter, *names: str) -> bool:
    """Whether a filter has one of these conditions below an operator."""
    return "operator" in filter_ and anywhere(filter_, *names)


class UnknownFilterTests(ScreenerTestCase):
    """Of each sender's two mails one carries the label, and both have to be filed."""

    SENDERS: ClassVar = ("bob@example.com", "ann@example.org", "o'brien@example.net")
    UNKNOWN: ClassVar[Mapping[str, Callable[[Filter], bool]]] = {
        "inMailbox, but by itself": lambda filter_: below(filter_, "inMailbox"),
        "inMailbox, but at the top": lambda filter_: filter_.get("operator") == "OR" and below(filter_, "inMailbox"),
        "header": lambda filter_: anywhere(filter_, "header"),
        "header below an operator": lambda filter_: below(filter_, "header"),
        "from": lambda filter_: anywhere(filter_, "from"),
        "header and from": lambda filter_: anywhere(filter_, "header", "from"),
        "operators": lambda filter_: "operator" in filter_,
        "several at once": lambda filter_: "operator" in filter_ or len(filter_) > 1,
    }

    def setUp(self) -> None:
        super().setUp()
        self.methods: Any = self.sandbox._routes._api.methods
        self.query = self.methods["Email/query"]

    def refuse(self, is_unknown: Callable[[Filter], bool]) -> None:
        def run(arguments: dict[str, Any], created: dict[str, str]) -> dict[str, Any]:
            if is_unknown(arguments.get("filter") or {}):
                raise MethodError("unsupportedFilter")
            result: dict[str, Any] = self.query.run(arguments, created)
            return result

        self.methods["Email/query"] = replace(self.query, run=run)

    def test_triage_is_complete(self) -> None:
        """All mail of the labelled senders is filed, whichever filter is unknown, and no other mail."""
        stranger = self.deliver("joann@example.org")
        for unknown, is_unknown in self.UNKNOWN.items():
            with self.subTest(unknown):
                self.refuse(is_unknown)
                self.screener = self.new_screener()
                mails = [self.tap(self.deliver(sender)) for sender in self.SENDERS]
                mails += [self.deliver(sender, *where) for sender in self.SENDERS for where in ([], ["Archive"])]
                assert self.poll().failures == 0
                assert not any("Screener" in self.where(mail) or "@ToFeed" in self.where(mail) for mail in mails)
        assert self.where(stranger) == {"Screener"}

    def test_idle_polls_ask_as_the_server_likes_it(self) -> None:
        """What the server does not know is asked once, and then left: an idle poll is one round trip again."""
        self.refuse(self.UNKNOWN["inMailbox, but by itself"])
        self.poll()
        assert self.poll().round_trips == 1

    def test_by_hand(self) -> None:
        """A sender triaged at a person's word is filed too, though nobody knows the name."""
        mail = self.deliver(name="Bob")
        self.refuse(lambda filter_: anywhere(filter_, "header", "from"))
        category = next(iter(self.configured.categories))
        triage = OneSenderTriage(self.client, result_of(self.run_to_end(self.open_book())), self.configured)
        result_of(self.run_to_end(triage.file(read_sender("bob@example.com"), category, date(2026, 11, 23))))
        assert "Screener" not in self.where(mail)
