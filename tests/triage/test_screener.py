"""What one poll does to an account, on each kind of address book."""

from collections.abc import Iterable
from typing import Any, ClassVar

from twisted.logger import LogLevel, capturedLogs, formatEvent

from mailroom.jmap.errors import Forbidden
from mailroom.sandbox.faults import Answer, HangUp, MethodFault, ObjectFault
from mailroom.sandbox.options import Limits
from tests.deferreds import failure_of
from tests.triage.screening import ScreenerTestCase

TWO_FROMS = [{"name": "Bob", "email": "bob@example.com"}, {"name": "Ann", "email": "ann@example.com"}]


class OverCardDav(ScreenerTestCase):
    """The same over CardDAV."""

    contacts = "carddav"


class TapTests(ScreenerTestCase):
    """A label on one mail of a sender."""

    def test_the_sender_joins_the_group(self) -> None:
        """The server's rules find the sender in the group of the category."""
        self.tap(self.deliver("Bob@Example.com"))
        self.poll()
        assert self.members("Feed") == {"bob@example.com"}

    def test_nobody_elses_mail_is_touched(self) -> None:
        """What a server's search finds beyond the sender stays where it is."""
        others = ["notbob@example.com", "bob+tag@example.com", "bob@example.com.au", "bob-smith@example.com"]
        mails = [self.deliver(address) for address in others]
        mails.append(self.deliver("evil@example.net", name="bob@example.com"))
        self.tap(self.deliver("bob@example.com"))
        self.poll()
        self.assert_where(mails, {"Screener"})

    def test_a_created_contact_tells_who_made_it_and_why(self) -> None:
        """It is in the provenance group, and its note says where it was triaged and when."""
        self.tap(self.deliver())
        self.poll()
        card = self.book.contact("bob@example.com")
        assert card is not None
        assert (card.full_name, self.members("Mailroom")) == ("Bob Stone", {"bob@example.com"})
        assert "Triaged to Feed on 2026-11-23" in b"".join(card.vcard.splitlines()).decode()

    def test_a_known_contact_is_adopted_with_all_it_has(self) -> None:
        """No second contact is made, and its name is not overwritten."""
        self.book.add_contact("Robert Stone", "bob@example.com", "rob@example.org")
        self.tap(self.deliver())
        self.poll()
        names = [card.full_name for card in self.book.cards.values() if "bob@example.com" in card.addresses]
        assert (names, self.members("Mailroom")) == (["Robert Stone"], set())
        assert self.members("Feed") == {"bob@example.com", "rob@example.org"}

    def test_mail_from_every_address_of_the_contact_is_filed(self) -> None:
        """The contact is in the group with all of its addresses, and so a tap on one of them moves the mail of all."""
        self.book.add_contact("Bob Stone", "bob@example.com", "rob@example.org")
        mails = [self.tap(self.deliver()), self.deliver("rob@example.org"), self.deliver("rob@example.org", "Jail")]
        report = self.poll()
        self.assert_where(mails, {"Feed"})
        assert (report.senders, report.moved) == (1, 3)

    def test_taps_on_two_addresses_of_a_contact_agree(self) -> None:
        """Each is a sender, and each mail is counted once."""
        self.book.add_contact("Bob Stone", "bob@example.com", "rob@example.org")
        mails = [self.tap(self.deliver()), self.tap(self.deliver("rob@example.org")), self.deliver("rob@example.org")]
        report = self.poll()
        self.assert_where(mails, {"Feed"})
        assert (report.senders, report.moved) == (2, 3)

    def test_the_report_counts_senders_and_mails(self) -> None:
        """Whoever reads the report knows what was done."""
        self.tap(self.deliver_several(3)[0])
        self.tap(self.deliver("ann@example.com"), "@ToJail")
        report = self.poll()
        assert (report.senders, report.moved, report.failures) == (2, 4, 0)

    def test_a_mail_moved_into_the_label_is_a_tap_too(self) -> None:
        """Where labels are folders, the label is the mail's only mailbox."""
        mail = self.deliver("bob@example.com", "@ToFeed")
        self.poll()
        assert self.where(mail) == {"Feed"}

    def test_a_second_poll_finds_nothing_to_do(self) -> None:
        """What is done is done."""
        self.tap(self.deliver())
        self.poll()
        assert self.poll().idle

    def test_a_label_made_while_the_service_runs_is_seen(self) -> None:
        """Names are looked up anew in every poll."""
        label = self.account.mailbox_id("@ToFeed")
        self.poll()
        self.account.remove_mailbox(label)
        self.poll()
        self.account.add_mailbox("@ToFeed")
        mail = self.tap(self.deliver())
        self.poll()
        assert self.where(mail) == {"Feed"}


class RetriageTests(ScreenerTestCase):
    """A label for somebody who has a place already."""

    def setUp(self) -> None:
        super().setUp()
        self.mail = self.tap(self.deliver(), "@ToTruck")
        self.poll()
        self.tap(self.mail, "@ToFeed")

    def test_it_is_noted(self) -> None:
        """The contact's notes tell its history."""
        self.poll()
        card = self.book.contact("bob@example.com")
        assert card is not None
        text = card.vcard.replace(b"\r\n ", b"").decode()
        assert "Triaged to Truck on 2026-11-23" in text
        assert "Re-triaged to Feed on 2026-11-23" in text

    def test_shared_groups_are_left_alone(self) -> None:
        """From one child to its sibling the parent stays."""
        self.account.file(self.mail, remove=[self.account.mailbox_id("@ToFeed")])
        self.tap(self.mail, "@ToBillboard")
        self.poll()
        assert self.where(self.mail) == {"Billboard", "Paper Trail"}
        assert (self.members("Paper Trail"), self.members("Truck")) == ({"bob@example.com"}, set())


class ConflictTests(ScreenerTestCase):
    """Labels that do not say what to do."""

    def test_the_mark_is_made_once(self) -> None:
        """An open conflict costs a look, and no write."""
        self.tap(self.tap(self.deliver()), "@ToJail")
        self.poll()
        state = self.account.journal.state("Email")
        assert (self.poll().round_trips, self.account.journal.state("Email")) == (1, state)

    def test_the_mark_goes_with_its_reason_whichever_way_that_went(self) -> None:
        """A label taken off takes the error label with it, from the mail that it was on."""
        mails = [self.tap(self.deliver()), self.tap(self.deliver(), "@ToJail"), self.tap(self.deliver(TWO_FROMS))]
        self.poll()
        for mail, label in zip(mails, ("@ToFeed", "@ToJail", "@ToFeed"), strict=True):
            self.account.file(mail, remove=[self.account.mailbox_id(label)])
        self.poll()
        self.assert_where(mails, {"Screener"})
        assert self.poll().round_trips == 1

    def test_the_mark_goes_from_the_other_address_of_a_contact_too(self) -> None:
        """Of two addresses in conflict one is unlabelled: both lose their mark, and the label that is left counts."""
        self.book.add_contact("Bob Stone", "bob@example.com", "rob@example.org")
        mails = [self.tap(self.deliver()), self.tap(self.deliver("rob@example.org"), "@ToJail")]
        self.poll()
        self.account.file(mails[1], remove=[self.account.mailbox_id("@ToJail")])
        self.poll()
        self.assert_where(mails, {"Feed"})

    def test_a_mark_put_on_by_hand_comes_off(self) -> None:
        """It says that a label waits for its user, and there is none. Where else the mail is, it stays."""
        mails = [self.deliver("bob@example.com", box, "@MailroomError") for box in ("Archive", "Trash", "Inbox")]
        mails.append(self.deliver("bob@example.com", "@MailroomError"))
        self.poll()
        assert [self.where(mail) for mail in mails] == [{"Archive"}, {"Trash"}, {"Inbox"}, {"Screener"}]

    def test_the_mark_stays_as_long_as_the_conflict(self) -> None:
        """One label more or less makes no difference to the others."""
        mails = [self.tap(self.deliver()), self.tap(self.deliver(), "@ToJail"), self.tap(self.deliver())]
        self.poll()
        self.account.file(mails[2], remove=[self.account.mailbox_id("@ToFeed")])
        self.poll()
        assert ["@MailroomError" in self.where(mail) for mail in mails] == [True, True, False]

    def test_mail_without_a_usable_sender_is_marked(self) -> None:
        """No From, two addresses in it, or two of it: nobody can be filed."""
        mails = [self.deliver(None), self.deliver(TWO_FROMS)]
        forged = b"From: bob@example.com\r\nFrom: ann@example.com\r\nSubject: Hello\r\n\r\nHello\r\n"
        mails.append(self.account.deliver(forged, [self.account.mailbox_id("Screener")]))
        for mail in mails:
            self.tap(mail)
        self.poll()
        self.assert_where(mails, {"Screener", "@ToFeed", "@MailroomError"})

    def test_a_conflict_keeps_nobody_else_waiting(self) -> None:
        """Other senders are triaged in the same poll."""
        self.tap(self.tap(self.deliver()), "@ToJail")
        other = self.tap(self.deliver("ann@example.com"))
        self.poll()
        assert self.where(other) == {"Feed"}

    def test_labels_that_tear_a_contact_apart_are_marked(self) -> None:
        """Two addresses of one contact cannot go to two categories."""
        self.book.add_contact("Bob Stone", "bob@example.com", "rob@example.org")
        mails = [self.tap(self.deliver()), self.tap(self.deliver("rob@example.org"), "@ToJail")]
        self.poll()
        assert "@MailroomError" in self.where(mails[0]) & self.where(mails[1])
        assert (self.members("Feed"), self.members("Jail")) == (set(), set())

    def test_the_next_clean_triage_takes_the_warning_off(self) -> None:
        """Once the names agree there is nothing to warn of."""
        self.book.add_contact("Robert Stone", "bob@example.com")
        mail = self.tap(self.deliver())
        self.poll()
        self.tap(self.deliver(name="Robert Stone"))
        self.poll()
        assert self.where(mail) == {"Feed"}


class WithoutWarningsTests(ScreenerTestCase):
    """Warnings turned off."""

    settings: ClassVar[dict[str, Any]] = {"warnings_enabled": False}

    def test_no_warning_label_is_put_on(self) -> None:
        """Names may differ in peace."""
        self.book.add_contact("Robert Stone", "bob@example.com")
        mail = self.tap(self.deliver())
        self.poll()
        assert self.where(mail) == {"Feed"}


class OddSenderTests(ScreenerTestCase):
    """Addresses that a server's search reads as patterns, as several words, or not at all."""

    ODD = ('"a b"@example.com', "x@y@example.com", "käthe@example.com", "käthe@bücher.example")

    def test_exactly_the_mails_of_an_odd_sender_are_found(self) -> None:
        """All of its mails, and nobody else's."""
        ordinary = [self.deliver(address) for address in ("bob@example.com", "a@example.com", "b@example.com")]
        for address in self.ODD:
            with self.subTest(address):
                mails = [self.deliver(address, mailbox) for mailbox in ("Screener", "Archive")]
                self.tap(mails[0])
                self.poll()
                assert [self.where(mail) for mail in mails] == [{"Feed"}, {"Archive", "Feed"}]
                self.assert_where(ordinary, {"Screener"})

    def test_an_odd_sender_is_triaged_twice_without_a_second_contact(self) -> None:
        """Its contact is found again, although no search would find it."""
        for address in self.ODD:
            with self.subTest(address):
                self.tap(self.deliver(address))
                self.poll()
                self.tap(self.deliver(address), "@ToJail")
                self.poll()
                cards = [card for card in self.book.cards.values() if address in card.addresses]
                assert len(cards) == 1


class SpelledOtherwiseTests(ScreenerTestCase):
    """One sender in the words of several programs."""

    def test_a_sender_named_twice_is_one(self) -> None:
        """As a Cyrus reads `From: news@shop.example <news@shop.example>`."""
        twice = [{"name": "", "email": "news@shop.example"}, {"name": "Shop", "email": "News@SHOP.example"}]
        mail = self.tap(self.deliver(twice))
        report = self.poll()
        assert (self.where(mail), report.conflicts) == ({"Feed"}, 0)
        assert self.members("Feed") == {"news@shop.example"}

    def test_a_contact_is_known_however_its_card_spells_the_address(self) -> None:
        """No second one is made for it."""
        for spelling, address in (
            ("MAILTO:Ann@Example.com", "ann@example.com"),
            (" eve@example.com ", "eve@example.com"),
            ("käthe@BÜCHER.example", "käthe@xn--bcher-kva.example"),
        ):
            with self.subTest(spelling):
                uid = self.book.add_contact("", spelling)
                self.tap(self.deliver(address))
                self.poll()
                group = next(each for each in self.book.cards.values() if each.full_name == "Feed")
                assert uid in group.json["members"]


class CardDavSpelledOtherwiseTests(OverCardDav, SpelledOtherwiseTests):
    """The same over CardDAV."""


class UnusableSenderTests(ScreenerTestCase):
    """Senders whom no contact may be made for."""

    PATTERNS = (
        "*@example.com",
        '"*"@example.com',
        "news*@example.com",
        "b?b@example.com",
        "%@example.com",
        "bob@*.com",
    )
    CONTROLS = ("bo\0b@example.com", "bob\x1b[2J@example.com", "bob\x7f@example.com", "bob@exam\x85ple.com")

    def assert_refused(self, addresses: Iterable[str], reason: str) -> None:
        """The error label goes on, the log says why, and nothing else happens."""
        mails = [self.tap(self.deliver(address), "@ToJail") for address in addresses]
        other = self.deliver("bob@example.com")
        cards = len(self.book.cards)
        with capturedLogs() as events:
            self.poll()
        self.assert_where(mails, {"Screener", "@ToJail", "@MailroomError"})
        assert self.where(other) == {"Screener"}
        assert (len(self.book.cards), self.members("Jail")) == (cards, set())
        assert any(reason in formatEvent(event) for event in events)

    def test_what_may_be_read_as_a_pattern(self) -> None:
        """A server that did would send everybody to Jail."""
        self.assert_refused(self.PATTERNS, "may be read as a pattern for those of others")

    def test_what_holds_control_characters(self) -> None:
        """No script, card or log can hold them safely."""
        self.assert_refused(self.CONTROLS, "its sender's address holds control characters")

    def test_what_is_invisible_is_not_among_them(self) -> None:
        """It is another sender than the one that it looks like."""
        for address in ("ze\u200bro@example.org", "ze\u00adro@example.org", "ze\u00a0ro@example.org"):
            with self.subTest(ascii(address)):
                mail, lookalike = self.tap(self.deliver(address)), self.deliver("zero@example.org")
                self.poll()
                assert (self.where(mail), self.where(lookalike)) == ({"Feed"}, {"Screener"})


class CardDavUnusableSenderTests(OverCardDav, UnusableSenderTests):
    """The same over CardDAV."""


class IndexLagTests(ScreenerTestCase):
    """A server whose index learns of a new mail late."""

    options: ClassVar[dict[str, Any]] = {"index_lag": 60.0}

    def test_mail_in_the_screener_is_swept_before_it_is_indexed(self) -> None:
        """No search finds it yet; a look into the screener does."""
        mails = self.deliver_several(3)
        self.tap(mails[0])
        self.poll()
        self.assert_where(mails, {"Feed"})


class RoundTripTests(ScreenerTestCase):
    """How often a poll waits for the server, once it knows its way."""

    def setUp(self) -> None:
        super().setUp()
        self.poll()

    def test_an_idle_poll_is_one_request(self) -> None:
        """Nothing found, nothing more asked."""
        before = len(self.sandbox.received)
        assert self.poll().round_trips == 1
        assert len(self.sandbox.received) - before == 1

    def test_one_sender_takes_four(self) -> None:
        """Scan, look up, write, finish."""
        self.tap(self.deliver_several(10)[0])
        assert self.poll().round_trips == 4

    def test_twenty_senders_take_four_as_well(self) -> None:
        """The number of senders does not count."""
        for number in range(20):
            self.tap(self.deliver_several(10, f"sender{number}@example.com")[0])
        report = self.poll()
        assert (report.senders, report.moved, report.round_trips) == (20, 200, 4)

    def test_a_thousand_mails_take_four_as_well(self) -> None:
        """Within the server's limits the number of mails does not count."""
        self.tap(self.deliver_several(1000)[0])
        report = self.poll()
        assert (report.moved, report.round_trips) == (1000, 4)

    def test_a_retriage_takes_one_more(self) -> None:
        """Nobody leaves a group before the joins are known to be written."""
        mail = self.tap(self.deliver())
        self.poll()
        self.tap(mail, "@ToJail")
        assert self.poll().round_trips == 5


class RequestTests(ScreenerTestCase):
    """What travels together."""

    def test_over_jmap_every_round_trip_is_one_request(self) -> None:
        """Contacts and mail share their requests."""
        self.poll()
        self.tap(self.deliver())
        before = len(self.sandbox.received)
        self.poll()
        assert len(self.sandbox.received) - before == 4


class LimitTests(ScreenerTestCase):
    """A server that takes little at a time."""

    options: ClassVar[dict[str, Any]] = {
        "limits": Limits(max_calls_in_request=4, max_objects_in_get=7, max_objects_in_set=5),
        "max_query_limit": 6,
        "refuse_whole_request": False,
    }

    def test_hundreds_of_labelled_mails_are_all_seen_in_one_poll(self) -> None:
        """However few mails an answer holds, each sender is triaged, and once."""
        mails = [self.tap(self.deliver(f"sender{number % 30}@example.com")) for number in range(120)]
        report = self.poll()
        assert (report.senders, report.moved) == (30, 120)
        self.assert_where(mails, {"Feed"})


class FailureTests(ScreenerTestCase):
    """What goes wrong, and what becomes of it."""

    def setUp(self) -> None:
        super().setUp()
        self.bobs = self.tap(self.deliver())
        self.anns = self.tap(self.deliver("ann@example.com"))

    def test_one_senders_failure_stops_nobody_else(self) -> None:
        """The label of the one stays; the other is done."""
        self.poll_with(ObjectFault("Email/set", self.bobs))
        assert (self.where(self.bobs), self.where(self.anns)) == ({"Screener", "@ToFeed"}, {"Feed"})

    def test_what_failed_is_done_by_the_next_poll(self) -> None:
        """Nothing is forgotten, because the label is still there."""
        self.poll_with(ObjectFault("Email/set", self.bobs))
        assert (self.poll().senders, self.where(self.bobs)) == (1, {"Feed"})

    def test_a_move_that_fails_leaves_the_label(self) -> None:
        """The labelled mail waits for the others of its sender."""
        other = self.deliver()
        self.poll_with(ObjectFault("Email/set", other))
        assert "@ToFeed" in self.where(self.bobs)
        self.poll()
        self.assert_where([self.bobs, other], {"Feed"})

    def test_a_failed_call_is_narrowed_down_to_its_sender(self) -> None:
        """What a server refuses for all is tried for fewer, until nobody innocent is left out."""
        others = [self.deliver(), self.deliver("ann@example.com")]
        self.poll_with(MethodFault("Email/set"))
        self.assert_where([self.bobs, self.anns, *others], {"Feed"})

    def test_a_failure_for_everybody_is_raised(self) -> None:
        """The poll says what happened, and every label stays."""
        self.order(Answer(403, body=b"Forbidden", path="/jmap/api"), times=9)
        failure_of(self.start_poll(), Forbidden)
        self.assert_where([self.bobs, self.anns], {"Screener", "@ToFeed"})

    def test_a_failure_is_told_once(self) -> None:
        """The log names the sender and the reason, and does not repeat itself every minute."""
        self.order(ObjectFault("Email/set", self.bobs), times=9)
        with capturedLogs() as events:
            self.poll()
            self.poll()
        told = [event for event in events if event["log_level"] is LogLevel.warn]
        assert len(told) == 1
        assert "bob@example.com is not triaged to Feed" in told[0]["trouble"]

    def poll_with(self, fault: ObjectFault | MethodFault) -> None:
        self.order(fault)
        self.poll()


class MissingTests(ScreenerTestCase):
    """An account that is not complete."""

    def test_what_is_missing_is_named(self) -> None:
        """Mailboxes, labels and groups, from the first poll on."""
        self.account.remove_mailbox(self.account.mailbox_id("Feed"))
        self.book.remove(self.book.group("Jail").name)
        assert self.poll().missing == ('mailbox "Feed"', 'contact group "Jail"')

    def test_the_rest_is_triaged(self) -> None:
        """Who does not need what is missing does not wait for it."""
        self.account.remove_mailbox(self.account.mailbox_id("Feed"))
        waiting, done = self.tap(self.deliver()), self.tap(self.deliver("ann@example.com"), "@ToJail")
        self.poll()
        assert (self.where(waiting), self.where(done)) == ({"Screener", "@ToFeed"}, {"Jail"})

    def test_what_was_added_is_noticed(self) -> None:
        """Nobody has to restart anything."""
        self.book.remove(self.book.group("Feed").name)
        mail = self.tap(self.deliver())
        self.poll()
        self.book.add_group("Feed")
        assert (self.poll().missing, self.where(mail)) == ((), {"Feed"})


class KilledTests(ScreenerTestCase):
    """A process that ends at any moment."""

    def test_another_process_finishes_the_work(self) -> None:
        """Whatever the last request was, and whether or not it got through, nothing is lost or done twice."""
        for requests in range(9):
            for acted in (False, True):
                with self.subTest(requests=requests, acted=acted):
                    self.setUp()
                    self.kill_in_a_retriage(requests, acted=acted)

    def kill_in_a_retriage(self, requests: int, *, acted: bool) -> None:
        mails = self.deliver_several(3)
        self.tap(mails[0], "@ToImbox")
        self.poll()
        self.tap(mails[1], "@ToTruck")
        self.break_off_after(requests, acted=acted)
        self.screener = self.new_screener()
        self.poll()
        self.assert_where(mails, {"Truck", "Paper Trail", "Inbox"})
        groups = {name for name in ("Imbox", "Feed", "Truck", "Paper Trail") if self.members(name)}
        assert groups == {"Truck", "Paper Trail"}
        assert len([card for card in self.book.cards.values() if "bob@example.com" in card.addresses]) == 1

    def break_off_after(self, requests: int, *, acted: bool) -> None:
        """Poll with a new screener, whose requests no longer get through after some of them."""
        self.screener = self.new_screener()
        self.order(HangUp(acted=acted), after=requests, times=99)
        self.start_poll().addErrback(lambda _failure: None)
        self.order()


class CardDavTapTests(TapTests, OverCardDav):
    pass


class CardDavRetriageTests(RetriageTests, OverCardDav):
    pass


class CardDavConflictTests(ConflictTests, OverCardDav):
    pass


class CardDavOddSenderTests(OddSenderTests, OverCardDav):
    pass


class CardDavRoundTripTests(RoundTripTests, OverCardDav):
    def test_twenty_senders_take_four_as_well(self) -> None:
        """Except that each contact is a request of its own, and only eight are made at once: two more."""
        for number in range(20):
            self.tap(self.deliver(f"sender{number}@example.com"))
        report = self.poll()
        assert (report.senders, report.round_trips) == (20, 6)


class CardDavMissingTests(MissingTests, OverCardDav):
    pass


class CardDavKilledTests(KilledTests, OverCardDav):
    pass
