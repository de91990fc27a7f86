"""The address book that speaks CardDAV."""

import math

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import LogLevel, capturedLogs

from mailroom.contacts.book import ContactChanges
from mailroom.contacts.carddav.cards import MAX_WRITES_AT_ONCE
from mailroom.contacts.errors import DavBusy, DavError, DavLoginRefused
from mailroom.core.deferreds import gather
from mailroom.http.errors import ConnectionFailed
from mailroom.jmap.errors import RequestError
from mailroom.jmap.get import Get
from mailroom.sandbox.faults import Answer, HangUp
from tests.contacts import behaviour, setup_behaviour
from tests.contacts.books import BOOK, CardDavBookTestCase, joining, new_contact
from tests.deferreds import failure_of

NOTE = "Triaged to Feed on 2026-11-23"

CUT_SHORT = (
    b'<multistatus xmlns="DAV:"><response><href>/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>'
    b"</multistatus>"
)


class CardDavAddressBookTests(CardDavBookTestCase, behaviour.AddressBookBehaviour):
    """What every address book does."""

    def refuse_creation(self, uid: str) -> None:
        self.sandbox.fail_next(Answer(403, body=b"Failed restriction checks", path=self.path(uid)))

    def refuse_group(self, uid: str) -> None:
        self.sandbox.fail_next(Answer(403, path=self.path(uid)))


class CardDavEveryoneTests(CardDavBookTestCase, setup_behaviour.EveryoneBehaviour):
    """What every address book does when asked for everybody."""

    def add_phone(self, uid: str) -> None:
        self.edit(uid, "END:VCARD", "TEL:+39 06 0000\r\nEND:VCARD")


class CardDavGroupCreationTests(CardDavBookTestCase, setup_behaviour.GroupCreationBehaviour):
    """What every address book does to create groups."""

    def refuse_group_creation(self) -> None:
        """Paths of new groups are not known beforehand; so the looks at what is there have to go first."""
        self.sandbox.fail_next(Answer(207, body=b'<multistatus xmlns="DAV:"/>', path=BOOK), times=3)
        self.sandbox.fail_next(Answer(403, path=BOOK))


class CardDavNoBookYetTests(CardDavBookTestCase, setup_behaviour.NoBookYetBehaviour):
    """What every address book does where there is none yet."""


class CardDavOnlyTests(CardDavBookTestCase):
    """What only the CardDAV one has to cope with."""

    def test_address_book_is_found_once(self) -> None:
        """Once it is known where the address book is, a look-up is one request for each version of vCard."""
        self.cards.add_group("Feed")
        before = len(self.sandbox.received)
        self.look_up("bob@example.com")
        received = list(self.sandbox.received)[before:]
        assert [(each.method, each.path) for each in received] == [("REPORT", BOOK)] * 2

    def test_look_ups_at_once_share_the_search_for_the_address_book(self) -> None:
        """Who asks while the address book is being found waits for that."""
        self.cards.add_group("Feed")
        book = self.open_book()
        before = len(self.sandbox.received)
        self.result(gather(book.look_up(()), book.look_up(())))
        methods = [each.method for each in list(self.sandbox.received)[before:]]
        assert methods.count("REPORT") == 4
        assert methods.count("PROPFIND") <= 4

    def test_address_book_that_has_moved_is_found_again(self) -> None:
        """Where nothing is at the known URL any more, the address book is looked for anew, in the same look-up."""
        bob = self.cards.add_contact("Bob", "bob@example.com")
        for status in (404, 410):
            self.sandbox.fail_next(Answer(status, path=BOOK))
            assert self.find("bob@example.com").uid == bob

    def test_refused_login_says_what_to_check(self) -> None:
        """A wrong password is told as such, and what travelled along has run."""
        self.sandbox.fail_next(Answer(401, path="/dav/"), math.inf)
        mailboxes = Get("Mailbox")
        with pytest.raises(DavLoginRefused) as caught:
            self.result(self.book.look_up(["bob@example.com"], mailboxes))
        assert "carddav_password" in str(caught.value)
        assert self.options.password not in str(caught.value)
        assert mailboxes.objects == []

    def test_failure_alongside_is_raised(self) -> None:
        """What fails at the mail server is raised, though the address book has answered."""
        self.sandbox.fail_next(Answer(500, path="/jmap/api"))
        with pytest.raises(RequestError):
            self.result(self.book.look_up(["bob@example.com"], Get("Mailbox")))

    def test_cancelled_look_up_ends_at_once(self) -> None:
        """A look-up that is cancelled leaves no request behind."""
        look_up = Deferred.fromCoroutine(self.book.look_up(["bob@example.com"], Get("Mailbox")))
        look_up.cancel()
        failure_of(look_up, CancelledError)
        assert self.clock.getDelayedCalls() == []

    def test_unreadable_card_is_skipped(self) -> None:
        """A card that makes no sense is told of in the log, and hides no other."""
        bob = self.cards.add_contact("Bob", "bob@example.com")
        nested = ("BEGIN:VNOTE", "BODY:Bob", "END:VNOTE")
        self.put("strange", "VERSION:3.0", "UID:strange", "FN:Strange", "EMAIL:bob@example.com", *nested)
        with capturedLogs() as events:
            assert self.find("bob@example.com").uid == bob
        [warning] = [event for event in events if event["log_level"] is LogLevel.warn]
        assert "strange.vcf" in warning["url"]

    def test_group_keeps_its_form(self) -> None:
        """Members join and leave a group of vCard 4.0 in its own words, and all else in it stays."""
        self.put("Feed", "VERSION:4.0", "UID:feed", "FN:Feed", "KIND:group", "MEMBER:urn:uuid:ann", "X-MINE;X=1:a,b")
        bob = self.cards.add_contact("Bob", "bob@example.com")
        self.look_up("bob@example.com")
        self.write(ContactChanges(join=joining("feed", bob), leave=joining("feed", "ann")))
        lines = ["BEGIN:VCARD", "VERSION:4.0", "UID:feed", "FN:Feed", "KIND:group", "X-MINE;X=1:a,b"]
        assert self.text("Feed") == "\r\n".join([*lines, f"MEMBER:urn:uuid:{bob}", "END:VCARD", ""])

    def test_refused_note_fails_nobody(self) -> None:
        """A note is a courtesy: where the server refuses it, the rest goes on."""
        bob = self.cards.add_contact("Bob", "bob@example.com")
        self.look_up("bob@example.com")
        self.sandbox.fail_next(Answer(403, path=self.path(bob)))
        assert self.write(ContactChanges(notes={bob: NOTE})) == {}

    def test_search_that_finds_nothing_is_not_believed(self) -> None:
        """All cards are looked at then: groups and contacts that are there are found, and no group is made twice."""
        feed, bob = self.cards.add_group("Feed"), self.cards.add_contact("Bob", "bob@example.com")
        nothing = Answer(207, body=b'<multistatus xmlns="DAV:"/>', path=BOOK)
        self.sandbox.fail_next(nothing)
        found = self.look_up("bob@example.com")
        assert ([each.uid for each in found.groups], [each.uid for each in found.contacts]) == ([feed], [bob])
        assert (dict(self.result(self.book.create_groups(["Feed"]))), len(self.look_up().groups)) == ({}, 1)

    def test_an_answer_that_was_cut_short_is_asked_for_in_parts(self) -> None:
        """A server that says it found more than it tells (507) is asked for less at a time."""
        feed, bob = self.cards.add_group("Feed"), self.cards.add_contact("Bob", "bob@example.com")
        self.sandbox.fail_next(Answer(207, body=CUT_SHORT, path=BOOK))
        found = self.look_up("bob@example.com")
        assert ([each.uid for each in found.groups], [each.uid for each in found.contacts]) == ([feed], [bob])

    def test_an_answer_that_is_too_large_is_asked_for_in_parts(self) -> None:
        """Less is asked for where there are more octets than an answer may have, or more elements than can be read."""
        feed, bob = self.cards.add_group("Feed"), self.cards.add_contact("Bob", "bob@example.com")
        for body in (b" " * (16 * 1024 * 1024 + 1), b'<multistatus xmlns="DAV:">' + b"<response/>" * 300_000):
            self.sandbox.fail_next(Answer(207, body=body, path=BOOK))
            found = self.look_up("bob@example.com")
            assert ([each.uid for each in found.groups], [each.uid for each in found.contacts]) == ([feed], [bob])

    def test_a_card_that_is_too_large_hides_no_other(self) -> None:
        """It is left out, and the others of the same answer are read."""
        self.put("large", "VERSION:3.0", "UID:large", "EMAIL:bob@example.com", "NOTE:" + "x" * 5_000_000)
        bob = self.cards.add_contact("Bob", "bob@example.com")
        assert [each.uid for each in self.look_up("bob@example.com").contacts] == [bob]

    def test_note_leaves_the_rest_of_the_card_alone(self) -> None:
        """What other programs put on a card survives a note, to the last octet."""
        lines = (
            "VERSION:3.0",
            "UID:bob",
            "N:Stone;Bob;;;",
            "FN:Bob Stöne",
            "item1.EMAIL;type=INTERNET:bob@example.com",
            "item1.X-ABLabel:_$!<HomePage>!$_",
            "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJ",
            " RgABAQAAAQAB",
        )
        self.put("bob", *lines)
        self.look_up("bob@example.com")
        self.write(ContactChanges(notes={"bob": NOTE}))
        assert self.text("bob") == "\r\n".join(["BEGIN:VCARD", *lines, f"NOTE:{NOTE}", "END:VCARD", ""])

    def test_change_of_somebody_else_is_not_overwritten(self) -> None:
        """An edit that comes too late is made again, on top of the newer card."""
        self.put("bob", "VERSION:3.0", "UID:bob", "N:;;;;", "FN:Bob", "EMAIL:bob@example.com")
        self.look_up("bob@example.com")
        self.put("bob", "VERSION:3.0", "UID:bob", "N:;;;;", "FN:Robert", "EMAIL:bob@example.com")
        assert self.write(ContactChanges(notes={"bob": NOTE})) == {}
        assert f"FN:Robert\r\nEMAIL:bob@example.com\r\nNOTE:{NOTE}\r\n" in self.text("bob")

    def test_contact_fails_if_its_group_never_rests(self) -> None:
        """A group that is changed by somebody else again and again is given up for this time."""
        feed = self.cards.add_group("Feed")
        self.look_up()
        self.sandbox.fail_next(Answer(412, path=self.path(feed)), 3)
        assert "again and again" in self.write(ContactChanges(join=joining(feed, "bob")))["bob"]

    def test_second_write_needs_no_look_up(self) -> None:
        """A group that was just written is written again without being read."""
        feed = self.cards.add_group("Feed")
        self.look_up()
        self.write(ContactChanges(join=joining(feed, "ann")))
        before = self.http.round_trips.requests
        self.write(ContactChanges(leave=joining(feed, "ann")))
        assert self.http.round_trips.requests - before == 1

    def test_busy_server_is_raised(self) -> None:
        """A server that is overloaded fails the whole write, with the time it asks for."""
        feed = self.cards.add_group("Feed")
        self.look_up()
        self.sandbox.fail_next(Answer(503, {"Retry-After": "7"}, path=self.path(feed)))
        with pytest.raises(DavBusy) as caught:
            self.write(ContactChanges(join=joining(feed, "ann")))
        assert (caught.value.status, caught.value.retry_after) == (503, 7.0)

    def test_one_busy_card(self) -> None:
        """A server that is overloaded for one card alone fails that contact, and says that it passes."""
        feed = self.cards.add_group("Feed")
        news = (new_contact("ann@example.com"), new_contact("bob@example.com"))
        self.look_up("ann@example.com", "bob@example.com")
        self.sandbox.fail_next(Answer(503, path=self.path(news[0].uid)))
        uids = [new.uid for new in news]
        failures = self.write(ContactChanges(create=news, join=joining(feed, *uids)))
        assert set(failures) == {uids[0]}
        assert "That passes" in failures[uids[0]]
        assert self.members(feed) == {uids[1]}
        assert isinstance(self.http.throttling.take(), DavBusy)

    def test_refusal_is_quoted(self) -> None:
        """The reason that a server gives is told, in so many words and no more."""
        self.sandbox.fail_next(Answer(500, body=b"<p>No\n space</p>" + b"x" * 1000, path=BOOK))
        with pytest.raises(DavError) as caught:
            self.look_up("bob@example.com")
        assert "<p>No space</p>" in str(caught.value)
        assert len(str(caught.value)) < 400

    def test_contact_whose_creation_was_in_doubt(self) -> None:
        """A contact is created once, though the answer got lost and the write is made again."""
        feed, new = self.cards.add_group("Feed"), new_contact("bob@example.com")
        self.look_up("bob@example.com")
        self.sandbox.fail_next(HangUp(path=self.path(new.uid), acted=True))
        changes = ContactChanges(create=(new,), join=joining(feed, new.uid))
        with pytest.raises(ConnectionFailed):
            self.write(changes)
        assert self.write(changes) == {}
        assert (self.find("bob@example.com").uid, self.members(feed)) == (new.uid, {new.uid})

    def test_writes_at_once_are_few(self) -> None:
        """Many contacts are created a few at a time."""
        news = tuple(new_contact(f"bob{number}@example.com") for number in range(2 * MAX_WRITES_AT_ONCE))
        before = self.http.round_trips.sequential
        self.write(ContactChanges(create=news))
        assert self.http.round_trips.sequential - before == 2
