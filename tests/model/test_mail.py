"""Who sent a mail, and which queries find a sender's mail."""

from typing import Any

import pytest

from mailroom.model.mail import SENDERS_PER_QUERY, Mail, candidate_filters, mails_from

BOB = {"name": "Bob Stone", "email": "Bob@Example.com"}
ANN = {"name": None, "email": "ann@example.com"}


def email(**properties: Any) -> dict[str, Any]:
    return {"id": "M1", "mailboxIds": {"A": True}} | properties


def test_a_sender_is_compared_by_canonical_address_and_keeps_its_spelling() -> None:
    """The address is folded for comparison; what the mail says is kept for the contact."""
    sender = Mail.from_jmap(email(**{"from": [BOB]})).sender
    assert sender is not None
    assert (sender.address, sender.spelling, sender.name) == ("bob@example.com", "Bob@Example.com", "Bob Stone")


NOBODY = {"name": "Pals", "email": None}
"""What the name of a group may leave behind."""


@pytest.mark.parametrize(
    ("addresses", "problem"),
    [
        (None, "it has no sender"),
        ([], "it has no sender"),
        ([{"name": "Bob", "email": "undisclosed"}], "it has no sender"),
        ([NOBODY], "it has no sender"),
        ([None], "it has no sender"),
        ("bob@example.com", "it has no sender"),
        ([BOB, ANN], "it has more than one sender"),
        ([BOB, {"email": "*@example.com"}], "it has more than one sender"),
        ([BOB, {"email": "bob\r\n@example.com"}], "it has more than one sender"),
        (
            [{"email": '"*"@Example.com'}],
            "its sender's address, *@example.com, may be read as a pattern for those of others",
        ),
        ([{"email": "bo\0b@example.com"}], "its sender's address holds control characters"),
    ],
)
def test_a_mail_without_exactly_one_usable_address_has_no_sender(addresses: object, problem: str) -> None:
    """Nobody is chosen where nobody, or more than one, is named; and why is said."""
    mail = Mail.from_jmap(email(**{"from": addresses}))
    assert (mail.sender, mail.problem) == (None, problem)


@pytest.mark.parametrize(
    "addresses",
    [
        [BOB, BOB],
        [{"name": None, "email": "bob@example.com"}, BOB],
        [NOBODY, BOB, None, {"email": "undisclosed"}],
        [BOB, {"email": " mailto:bob@EXAMPLE.com"}],
    ],
    ids=["twice", "twice, once with a name", "beside what is no address", "in another spelling"],
)
def test_distinct_senders_count_and_not_entries(addresses: list[object]) -> None:
    """A server may give one address twice, and may give what is none; in each of the headers."""
    for mail in (
        Mail.from_jmap(email(**{"from": addresses})),
        Mail.from_jmap(email(**{"header:From:asAddresses:all": [addresses, None, addresses]})),
    ):
        assert mail.sender is not None
        assert (mail.sender.address, mail.sender.name, mail.problem) == ("bob@example.com", "Bob Stone", "")


def test_a_contact_is_spelled_without_what_stands_around_the_address() -> None:
    """White space and `mailto:` are not the sender's."""
    mail = Mail.from_jmap(email(**{"from": [{"email": " MAILTO:Bob@Example.com\t"}]}))
    assert mail.sender is not None
    assert mail.sender.spelling == "Bob@Example.com"


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
    """What a search finds beyond the senders is left out."""
    mails = [
        Mail.from_jmap({"id": "M1", "mailboxIds": {"A": True}, "from": [BOB]}),
        Mail.from_jmap({"id": "M2", "mailboxIds": {"A": True}, "from": [{"email": "notbob@example.com"}]}),
    ]
    assert [mail.id for mail in mails_from({"bob@example.com", "ann@example.com"}, mails)] == ["M1"]
