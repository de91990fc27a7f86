"""Mails read from their text."""

from hypothesis import given
from hypothesis import strategies as st

from mailroom.sandbox.store.message import message_from_fields, parse_message


@given(st.binary(max_size=300))
def test_any_octets_are_a_message(noise: bytes) -> None:
    """Whatever somebody sends is a message; its From is a list of addresses."""
    message = parse_message(b"From: " + noise + b"\r\n\r\n")
    assert all("email" in address for people in message.address_lists("from") for address in people)


def test_folded_and_encoded_headers() -> None:
    """A folded header is one line, and encoded words are read."""
    message = parse_message(b"Subject: one\r\n =?utf-8?q?tw=C3=B6?=\r\n\r\n")
    assert message.texts("subject") == ["one twö"]


def test_groups_are_dissolved() -> None:
    """Of a group of addresses its members are left (RFC 8621 section 4.1.2.3)."""
    message = parse_message(b"From: Friends: a@example.com, b@example.com;\r\n\r\n")
    assert [address["email"] for address in message.address_lists("from")[0]] == ["a@example.com", "b@example.com"]


def test_fields_make_headers() -> None:
    """A message made from fields has the headers that they stand for."""
    message = message_from_fields({"from": [{"name": "Bob", "email": "bob@example.com"}], "subject": "Hi"})
    assert parse_message(message.raw).addresses == message.addresses
    assert message.texts("Subject") == [message.last_text("subject")] != [None]
