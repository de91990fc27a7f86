"""One thing that cannot be read as the server shows it keeps nothing else waiting."""

from collections.abc import Callable
from typing import Any

from twisted.logger import capturedLogs

from mailroom.model.mailboxes import Mailbox, Mailboxes
from mailroom.sandbox.store.address_book import BOOK_ID
from mailroom.triage.all_mail import patch_all_mail
from tests.deferreds import result_of
from tests.triage.altered import AlteredScreenerTestCase

Answer = dict[str, Any]
Odd = Callable[[dict[str, Any]], Any]


def lacking(member: str) -> Odd:
    return lambda item: {name: value for name, value in item.items() if name != member}


def having(**members: Any) -> Odd:
    return lambda item: item | members


class OneBadItemTests(AlteredScreenerTestCase):
    """The odd one is somebody's mail, mailbox, card or address book; Bob's labelled mail has nothing to do with it."""

    def alter(self, method: str, object_id: str, odd: Odd) -> None:
        """Let one object come otherwise in every answer to this method."""

        def alter(answered: str, answer: Answer) -> Any:
            if answered != method:
                return answer
            return answer | {"list": [odd(item) if item["id"] == object_id else item for item in answer["list"]]}

        self.answers(alter)

    def assert_others_go_on(self, method: str, object_id: str, odd: Odd, name: str) -> None:
        with self.subTest(name):
            self.screener = self.new_screener()
            self.alter(method, object_id, odd)
            mails = [self.tap(self.deliver()), self.deliver()]
            self.poll()
            self.assert_where(mails, {"Feed"})
            assert self.flushLoggedErrors() == []  # type: ignore[no-untyped-call]  # untyped in Twisted

    def test_labelled_mail(self) -> None:
        """Another labelled mail may say anything of its sender and its places: its label stays."""
        odd_mail = self.tap(self.deliver("ann@example.org"))
        every_from = "header:From:asAddresses:all"
        for name, odd in {
            "from [null]": having(**{"from": [None], every_from: [[None]]}),
            "from null in a header": having(**{every_from: [None]}),
            "from a text": having(**{"from": "ann@example.org", every_from: "ann@example.org"}),
            "from an object": having(**{"from": {"email": "ann@example.org"}, every_from: {}}),
            "an address of another type": having(**{"from": [{"email": 3}], every_from: [[{"email": 3}]]}),
            "an address with a name of another type": having(**{every_from: [[{"email": None, "name": ["Ann"]}]]}),
            "no from": lambda item: {"id": item["id"], "mailboxIds": item["mailboxIds"]},
            "mailboxIds null": having(mailboxIds=None),
            "mailboxIds an array": having(mailboxIds=["a"]),
            "mailboxIds a text": having(mailboxIds="a"),
            "no mailboxIds": lacking("mailboxIds"),
            "null": lambda _item: None,
            "no id": lacking("id"),
            "an id of another type": having(id=3),
        }.items():
            self.assert_others_go_on("Email/get", odd_mail, odd, name)
            assert "@ToFeed" in self.where(odd_mail), name

    def test_mailbox(self) -> None:
        """Another mailbox may have no name, or no right one, and rights of any kind."""
        self.account.add_mailbox("Holidays")
        for name, odd in {
            "no name": lacking("name"),
            "name null": having(name=None),
            "name a number": having(name=3),
            "role an array": having(role=["inbox"]),
            "parent a number": having(parentId=3),
            "parent an object": having(parentId={}),
            "rights a text": having(myRights="all"),
            "rights an array": having(myRights=["mayRead"]),
            "null": lambda _item: None,
            "no id": lacking("id"),
            "id null": having(id=None),
        }.items():
            self.assert_others_go_on("Mailbox/get", self.account.mailbox_id("Holidays"), odd, name)

    def test_address_book(self) -> None:
        """So may an address book, and a card of whatever kind."""
        for name, odd in {
            "rights a text": having(myRights="all"),
            "rights an array": having(myRights=[]),
            "no default": having(isDefault="yes"),
            "null": lambda _item: None,
        }.items():
            self.assert_others_go_on("AddressBook/get", BOOK_ID, odd, name)

    def test_card(self) -> None:
        """A group of the user's own may be anything but a group."""
        friends = self.book.add_group("Friends")
        (card_id,) = (id_ for id_, card in self.book.cards.items() if card.uid == friends)
        for name, odd in {
            "members an array": having(members=["a"]),
            "members a text": having(members="all"),
            "no members": lacking("members"),
            "name a text": having(name="Friends"),
            "name an array": having(name=[None]),
            "no name": lacking("name"),
            "components of another type": having(name={"components": {"a": 3}, "full": 3}),
            "kind an array": having(kind=["group"]),
            "no uid": lacking("uid"),
            "a uid of another type": having(uid={"a": 3}),
            "emails an array": having(emails=[{"address": "bob@example.com"}], kind="individual"),
            "an address of another type": having(emails={"a": {"address": ["bob@example.com"]}}, kind="individual"),
            "notes an array": having(notes=[None]),
        }.items():
            self.assert_others_go_on("ContactCard/get", card_id, odd, name)

    def test_its_own_sender_waits(self) -> None:
        """A mail of the sender's own that does not say where it is has the label wait for it, and nobody else's."""
        odd_mail, labelled = self.deliver("ann@example.org"), self.tap(self.deliver("ann@example.org"))
        for name, odd in {
            "mailboxIds null": having(mailboxIds=None),
            "no mailboxIds": lacking("mailboxIds"),
            "no from": lacking("from"),
            "from a text": having(**{"from": "ann@example.org"}),
            "from [null]": having(**{"from": [None]}),
            "from of another type": having(**{"from": [{"email": ["ann@example.org"]}]}),
            "null": lambda _item: None,
        }.items():
            self.assert_others_go_on("Email/get", odd_mail, odd, name)
            assert "@ToFeed" in self.where(labelled), name
        self.answers(None)
        self.poll()
        self.assert_where([odd_mail, labelled], {"Feed"})

    def test_walk_through_all_mail(self) -> None:
        """A mail that does not say where it is stays there, when all mail is gone through."""
        odd_mail, mail = self.deliver(), self.deliver()
        self.alter("Email/get", odd_mail, having(mailboxIds=None))
        feed = self.account.mailbox_id("Feed")
        walk = patch_all_mail(self.client, lambda _mail: {feed: True}, lambda _done, _of: None, apply=True)
        result_of(self.run_to_end(walk))
        assert (self.where(odd_mail), self.where(mail)) == ({"Screener"}, {"Screener", "Feed"})

    def test_screener_that_cannot_be_read(self) -> None:
        """Where the screener's mailbox may be what cannot be read, the label waits: mail would stay behind there."""
        mails = [self.tap(self.deliver()), self.deliver()]
        for odd in (lacking("name"), lacking("id"), having(id=None, name=3)):
            self.alter("Mailbox/get", self.account.mailbox_id("Screener"), odd)
            self.attempt()
            self.assert_where(mails[:1], {"Screener", "@ToFeed"})
        self.answers(None)
        self.poll()
        self.assert_where(mails, {"Feed"})

    def test_told_once(self) -> None:
        """What is left out is told in the log, once."""
        odd_mail = self.tap(self.deliver("ann@example.org"))
        self.alter("Email/get", odd_mail, lacking("mailboxIds"))
        with capturedLogs() as events:
            for _ in range(3):
                self.poll()
        told = [event for event in events if odd_mail in str(event.get("trouble"))]
        assert len(told) == 1

    def test_a_nameless_mailbox_is_told(self) -> None:
        """So is a mailbox that no setting can mean."""
        holidays = self.account.add_mailbox("Holidays")
        self.alter("Mailbox/get", holidays, lacking("name"))
        with capturedLogs() as events:
            self.poll()
        assert any(holidays in str(event.get("trouble")) for event in events)


def test_a_mailbox_without_a_name_is_no_mailbox_of_the_settings() -> None:
    """Nor do the mailboxes in it come to the top, where a setting could mean them."""
    nameless = Mailbox.from_jmap({"id": "a", "parentId": None})
    mailboxes = Mailboxes([nameless, Mailbox("b", "Feed", "a", None), Mailbox("c", "Feed", "d", None)])
    assert [mailbox.id for mailbox in mailboxes.meant_by("Feed")] == ["c"]
