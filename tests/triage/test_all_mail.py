"""Every mail of an account is looked at, and never many of them at once."""

import gc
from typing import Any, ClassVar

import pytest

from mailroom.account import Account
from mailroom.jmap.errors import ServerUnavailable
from mailroom.jmap.paging import Page
from mailroom.model.mail import Mail
from mailroom.sandbox.faults import Answer, ObjectFault
from mailroom.sandbox.options import Limits
from mailroom.triage.all_mail import patch_all_mail, staying
from mailroom.triage.mailbox_patch import MailboxPatch
from tests.furnished import FurnishedTestCase

PAGE = 10


class WalkTestCase(FurnishedTestCase):
    """A walk on a server that gives ten mails at a time, and moves them to Feed."""

    options: ClassVar[dict[str, Any]] = {"limits": Limits(max_objects_in_get=PAGE, max_objects_in_set=PAGE)}

    def setUp(self) -> None:
        super().setUp()
        self.seen: list[str] = []
        self.progress: list[tuple[int, int]] = []
        self.feed = self.account.mailbox_id("Feed")
        self.screener = self.account.mailbox_id("Screener")

    def deliver_days(self, count: int) -> list[str]:
        """Mails of one day after the other."""
        made = []
        for _ in range(count):
            self.clock.advance(86_400)
            made.append(self.deliver())
        return made

    def to_feed(self, mail: Mail) -> MailboxPatch:
        self.seen.append(mail.id)
        return {} if self.feed in mail.mailboxes else {self.screener: None, self.feed: True}

    def advance(self, done: int, total: int) -> None:
        self.progress.append((done, total))

    async def walk(self, account: Account) -> dict[str, int]:
        return dict(await patch_all_mail(account.client, self.to_feed, self.advance, apply=True))

    async def look(self, account: Account) -> dict[str, int]:
        return dict(await patch_all_mail(account.client, self.to_feed, self.advance, apply=False))


class PagesTests(WalkTestCase):
    """How an account is gone through."""

    def test_every_mail_is_seen_once_and_moved(self) -> None:
        """In the order in which it came, although what is moved is the list that is gone through."""
        mails = self.deliver_days(35)
        assert self.do(self.walk) == {}
        assert self.seen == mails
        self.assert_where(mails, {"Feed"})

    def test_a_look_changes_nothing(self) -> None:
        """Not a single mail."""
        mails = self.deliver_days(15)
        self.do(self.look)
        assert len(self.seen) == 15
        self.assert_where(mails, {"Screener"})

    def test_progress_is_told_page_by_page(self) -> None:
        """So that a person sees how long it will take."""
        self.deliver_days(25)
        self.do(self.look)
        assert self.progress == [(10, 25), (20, 25), (25, 25)]

    def test_an_empty_account_is_soon_gone_through(self) -> None:
        """There is no page at all."""
        assert self.do(self.walk) == {}
        assert self.progress == []

    def test_memory_is_bounded(self) -> None:
        """However many mails there are, no more than two pages of them are held."""
        held: list[int] = []

        def count(_done: int, _total: int) -> None:
            held.append(sum(isinstance(each, Page) for each in gc.get_objects()))

        async def walk(account: Account) -> None:
            await patch_all_mail(account.client, self.to_feed, count, apply=True)

        self.deliver_days(100)
        gc.freeze()  # what is there by now is none of the walk's, and need not be looked at
        self.do(walk)
        assert len(held) == 10
        assert max(held) <= 2


class ChangeTests(WalkTestCase):
    """An account that does not rest."""

    def test_mail_that_arrives_meanwhile_is_met(self) -> None:
        """It stands at the end of the list."""
        self.deliver_days(15)
        new: list[str] = []

        def advance(_done: int, _total: int) -> None:
            if not new:
                new.extend(self.deliver_days(1))

        async def walk(account: Account) -> None:
            await patch_all_mail(account.client, self.to_feed, advance, apply=True)

        self.do(walk)
        assert self.where(new[0]) == {"Feed"}

    def test_mail_that_is_destroyed_meanwhile_hides_none(self) -> None:
        """Be it the very one behind which the next page begins; and none is seen twice for it."""
        mails = self.deliver_days(30)

        def advance(done: int, _total: int) -> None:
            if done == 2 * PAGE and mails[0] in self.account.emails:
                self.account.remove_email(mails[0])
                self.account.remove_email(mails[2 * PAGE - 1])

        async def walk(account: Account) -> None:
            await patch_all_mail(account.client, self.to_feed, advance, apply=False)

        self.do(walk)
        assert self.seen == mails


class TroubleTests(WalkTestCase):
    """Servers that refuse."""

    def test_a_refused_mail_keeps_no_other_from_being_moved(self) -> None:
        """It is counted by the reason."""
        mails = self.deliver_days(15)
        self.order(ObjectFault("Email/set", mails[3]))
        assert self.do(self.walk) == {"forbidden": 1}
        self.assert_where(mails[:3] + mails[4:], {"Feed"})

    def test_a_walk_that_breaks_off_is_finished_by_the_next(self) -> None:
        """What was written stays, and only what is left is written then."""
        mails = self.deliver_days(40)
        self.order(Answer(503), after=4)
        with pytest.raises(ServerUnavailable):
            self.do(self.walk)
        moved = [mail for mail in mails if self.where(mail) == {"Feed"}]
        assert 0 < len(moved) < len(mails)
        self.do(self.walk)
        self.assert_where(mails, {"Feed"})


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 mail stays where it is"), (2, "2 mails stay where they are")], ids=["one", "several"]
)
def test_what_stays_is_told_in_words(count: int, words: str) -> None:
    """As the beginning of a sentence that goes on with the reason."""
    assert staying(count) == words
