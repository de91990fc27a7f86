"""The made-up account."""

from twisted.internet.task import Clock

from mailroom.core.addresses import canonical_address
from mailroom.core.categories import DEFAULT_CATEGORIES
from mailroom.sandbox.demo.people import SENDERS
from mailroom.sandbox.demo.population import PROVENANCE, SCREENER, fill_inbox, populate
from mailroom.sandbox.store.account import Account


def populated(seed: int = 1) -> Account:
    account = Account(Clock())
    populate(account, seed)
    return account


def test_everything_that_categories_ask_for_is_there() -> None:
    """Labels, destinations, groups, the screener and the marks are there."""
    account = populated()
    for category in DEFAULT_CATEGORIES:
        assert account.mailbox_id(category.label)
        assert account.mailbox_id(category.destination_mailbox)
        assert account.address_book.group(category.contact_group)
    for name in (SCREENER, "@MailroomError", "@MailroomWarning"):
        assert account.mailbox_id(name)
    assert account.address_book.group(PROVENANCE)


def test_most_mail_waits() -> None:
    """Some hundred mails of all the senders are there, and most of them wait in the screener."""
    account = populated()
    waiting = account.mailboxes[account.mailbox_id(SCREENER)].email_ids
    assert 200 < len(account.emails) < 600
    assert len(account.emails) / 2 < len(waiting) < len(account.emails)
    senders = {canonical_address(address) for email in account.emails.values() for address in email.senders}
    assert senders == {canonical_address(sender.address) for sender in SENDERS}


def test_same_seed_same_account() -> None:
    """The same seed makes the same account, another one another."""
    one, same, other = (
        [(email.message.raw, email.mailbox_ids) for email in populated(seed).emails.values()] for seed in (1, 1, 2)
    )
    assert one == same != other


def test_nobody_real_gets_mail() -> None:
    """Every sender is at a domain that nobody can have (RFC 2606)."""
    reserved = ("example.com", "example.net", "example.org", ".example")
    assert all(sender.address.lower().endswith(reserved) for sender in SENDERS)


def test_a_newcomer_has_mail_and_nothing_that_mailroom_needs() -> None:
    """All of it lies where mail lies without Mailroom, and the contacts are the user's own."""
    account = Account(Clock())
    fill_inbox(account)
    assert {mailbox.role for mailbox in account.mailboxes.values()} >= {"inbox", "trash"}
    assert not {mailbox.name for mailbox in account.mailboxes.values() if mailbox.role is None}
    assert len(account.mailboxes[account.mailbox_id("Inbox")].email_ids) > 200
    assert account.address_book.cards
    assert not [card for card in account.address_book.cards.values() if card.is_group]
