"""Who sent a mail, and which queries find a sender's mail."""

from typing import Any

import pytest

from mailroom.model.mail import SENDERS_PER_QUERY, Mail, candidate_filters, mails_by_sender

BOB = {"name": "Bob Stone", "email": "Bob@Example.com"}
ANN = {"name": None, "email": "ann@example.com"}


def email(**properties: Any) -> dict[str, Any]:
    return {"id": "M1", "mailboxIds": {"A": True}} | properties


def test_a_sender_is_compared_by_canonical_address_and_keeps_its_spelling() -> None:
    """The address is folded for comparison; what the mail says is kept for the contact."""
    sender = Mail.from_jmap(email(**{"from": [BOB]})).sender
    assert sender is not None
    assert (sender.address, sender.spelling, sender.name) == ("bob@example.com", "Bob@Example.com", "Bob Stone")


@pytest.mark.parametrize(
    "addresses",
    [None, [], [BOB, ANN], [{"name": "Bob", "email": "undisclosed"}], [{"name": "Bob", "email": None}]],
    ids=["no From", "an empty From", "two addresses", "no address", "null"],
)
def test_a_mail_without_exactly_one_address_has_no_sender(addresses: object) -> None:
    """Nobody is chosen where nobody, or more than one, is named."""
    assert Mail.from_jmap(email(**{"from": addresses})).sender is None


def test_a_second_from_header_leaves_no_sender() -> None:
    """`from` tells the last header only; all of them are looked at where they are known."""
    mail = Mail.from_jmap(email(**{"from": [BOB], "header:From:asAddresses:all": [[ANN], [BOB]]}))
    assert mail.sender is None


def test_one_from_header_is_the_sender() -> None:
    """A labelled mail, fetched with all of its From headers, has the sender of its only one."""
    mail = Mail.from_jmap(email(**{"from": [BOB], "header:From:asAddresses:all": [[BOB]]}))
    assert mail.sender is not None


def test_a_display_name_is_one_printable_line() -> None:
    """Line ends and marks that reverse the text around them do not get into logs and contacts."""
    mail = Mail.from_jmap(email(**{"from": [{"name": "Bob\r\n\u202estone", "email": "bob@example.com"}]}))
    assert mail.sender is not None
    assert mail.sender.name == "Bob stone"


def test_ordinary_senders_share_one_search_and_one_look_into_the_screener() -> None:
    """However many senders, within reason, the number of queries stays two."""
    addresses = {f"sender{number}@example.com" for number in range(SENDERS_PER_QUERY)}
    assert len(candidate_filters(addresses, "screener")) == 2


def test_odd_senders_are_never_searched_for_as_text() -> None:
    """What a text search might read as a pattern or as several words is not handed to it."""
    assert candidate_filters({"*@example.com", "a b@example.com", "x@y@z.example"}, "screener") == [
        {
            "operator": "OR",
            "conditions": [{"header": ["From", "@example.com"]}, {"header": ["From", "@z.example"]}],
        }
    ]


def test_a_domain_in_its_own_script_is_looked_for_in_both_spellings() -> None:
    """A header may spell it either way."""
    assert candidate_filters({"käthe@xn--bcher-kva.example"}, None) == [
        {
            "operator": "OR",
            "conditions": [{"header": ["From", "@bücher.example"]}, {"header": ["From", "@xn--bcher-kva.example"]}],
        }
    ]


def test_only_mail_of_exactly_these_senders_counts() -> None:
    """What a search finds beyond the senders is left out, and what two searches find counts once."""
    mails = [
        Mail.from_jmap({"id": "M1", "mailboxIds": {"A": True}, "from": [BOB]}),
        Mail.from_jmap({"id": "M2", "mailboxIds": {"A": True}, "from": [{"email": "notbob@example.com"}]}),
        Mail.from_jmap({"id": "M1", "mailboxIds": {"A": True}, "from": [BOB]}),
    ]
    found = mails_by_sender(mails, {"bob@example.com", "ann@example.com"})
    assert {address: [mail.id for mail in each] for address, each in found.items()} == {
        "bob@example.com": ["M1"],
        "ann@example.com": [],
    }
