"""A sender is triaged at a person's word."""

from datetime import date
from typing import ClassVar, Literal

import pytest

from mailroom.account import Account
from mailroom.model.mail import Sender
from mailroom.sandbox.faults import ObjectFault
from mailroom.triage.one_sender import LabelledOtherwise, NoSender, NotTriaged, OneSenderTriage, read_sender
from mailroom.triage.plan import Filing
from tests.furnished import FurnishedTestCase
from tests.triage.made_up import category

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("Bob@Example.com", Sender("bob@example.com", "Bob@Example.com", "")),
        ("Bob Stone <bob@example.com>", Sender("bob@example.com", "bob@example.com", "Bob Stone")),
        ('"a b"@example.com', Sender("a b@example.com", '"a b"@example.com', "")),
    ],
)
def test_a_sender_is_an_address_with_a_name_or_without(text: str, sender: Sender) -> None:
    """As people type it, or copy it from a mail."""
    assert read_sender(text) == sender


@pytest.mark.parametrize("text", ["bob", "", "@example.com", "bob@", "a@example.com, b@example.com"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """And nobody is guessed at."""
    with pytest.raises(NoSender):
        read_sender(text)


class ByHandTestCase(FurnishedTestCase):
    """A test that files Bob."""

    def file(self, name: str, sender: str = "bob@example.com") -> Filing:
        async def go(account: Account) -> Filing:
            by_hand = OneSenderTriage(account.client, await account.open_book(), account.settings)
            return await by_hand.file(read_sender(sender), category(name), TODAY)

        return self.do(go)


class JmapTests(ByHandTestCase):
    """What is done for a sender."""

    def test_it_is_what_a_tap_does(self) -> None:
        """The mail is moved, and the contact created with the mail's name, noted and grouped."""
        mails = self.deliver_several(3)
        filing = self.file("Feed")
        self.assert_where(mails, {"Feed"})
        assert (len(filing.moved), filing.retriage) == (3, False)
        contact = self.book.contact("bob@example.com")
        assert contact is not None
        assert (contact.full_name, contact.notes) == ("Bob Stone", ["Triaged to Feed on 2026-11-23"])
        assert (self.members("Feed"), self.members("Mailroom")) == ({"bob@example.com"}, {"bob@example.com"})

    def test_a_sender_who_never_wrote_is_triaged_too(self) -> None:
        """The groups are what counts for the next mail."""
        assert self.file("Truck", "Ann Lee <ann@example.com>").moved == frozenset()
        assert self.members("Truck") == self.members("Paper Trail") == {"ann@example.com"}
        contact = self.book.contact("ann@example.com")
        assert contact is not None
        assert contact.full_name == "Ann Lee"

    def test_the_name_is_that_of_the_latest_mail_with_one(self) -> None:
        """And the address is spelled as there; mails of others do not matter."""
        self.deliver(name="Robert")
        self.clock.advance(60)
        self.deliver("BOB@example.com", name="Bob")
        self.clock.advance(60)
        self.deliver(name="")
        self.deliver("notbob@example.com", name="Nobody")
        self.file("Feed")
        contact = self.book.contact("bob@example.com")
        assert contact is not None
        assert (contact.full_name, contact.addresses) == ("Bob", ["BOB@example.com"])

    def test_again_is_a_retriage(self) -> None:
        """The old groups are left, and the mail follows."""
        mail = self.deliver()
        self.file("Feed")
        assert self.file("Jail").retriage
        assert (self.members("Feed"), self.members("Jail"), self.where(mail)) == (set(), {"bob@example.com"}, {"Jail"})

    def test_a_label_that_asks_for_the_same_comes_off(self) -> None:
        """What it asks for is done."""
        mail = self.tap(self.deliver())
        self.file("Feed")
        assert self.where(mail) == {"Feed"}

    def test_a_label_that_asks_for_something_else_is_a_contradiction(self) -> None:
        """Nothing is written: the service would act on the label at any moment."""
        mail = self.tap(self.deliver())
        with pytest.raises(LabelledOtherwise, match="labelled @ToFeed"):
            self.file("Jail")
        assert self.where(mail) == {"Screener", "@ToFeed"}
        assert self.book.contact("bob@example.com") is None

    def test_labels_that_contradict_each_other_are_one_too(self) -> None:
        """Even if one of them asks for the same."""
        self.tap(self.deliver())
        self.tap(self.deliver(), "@ToJail")
        with pytest.raises(LabelledOtherwise, match="labelled for Feed and for Jail"):
            self.file("Feed")

    def test_labels_of_other_senders_do_not_matter(self) -> None:
        """They are left to the service."""
        other = self.tap(self.deliver("ann@example.com"), "@ToJail")
        self.file("Feed")
        assert self.where(other) == {"Screener", "@ToJail"}

    def test_what_is_missing_is_named(self) -> None:
        """And nothing is written."""
        self.account.remove_mailbox(self.account.mailbox_id("Feed"))
        with pytest.raises(NotTriaged, match='the account has no mailbox "Feed"'):
            self.file("Feed")
        assert self.book.contact("bob@example.com") is None

    def test_a_refusal_is_an_error(self) -> None:
        """What was not refused is written, and the next attempt finds it."""
        mail = self.deliver()
        self.order(ObjectFault("Email/set", mail))
        with pytest.raises(NotTriaged, match="forbidden"):
            self.file("Feed")
        self.file("Feed")
        assert self.where(mail) == {"Feed"}


class CardDavTests(ByHandTestCase):
    """Contacts over CardDAV."""

    contacts: ClassVar[Literal["jmap", "carddav"]] = "carddav"

    def test_it_is_what_a_tap_does(self) -> None:
        """On the other kind of address book."""
        mail = self.deliver()
        self.file("Truck")
        assert self.where(mail) == {"Truck", "Paper Trail"}
        assert self.members("Truck") == self.members("Paper Trail") == self.members("Mailroom") == {"bob@example.com"}
