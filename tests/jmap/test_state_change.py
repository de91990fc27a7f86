"""What a push says."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.jmap.state_change import changed_state


def test_the_state_of_our_account_is_told() -> None:
    """A StateChange names the new state by account and type."""
    change = {"@type": "StateChange", "changed": {"A1": {"Email": "42", "Mailbox": "7"}}}
    assert changed_state(json.dumps(change), "A1", "Email") == "42"


def test_an_envelope_of_another_form_is_understood() -> None:
    """Fastmail leaves out `@type` and tells why it speaks."""
    change = {"changed": {"A1": {"Email": "J84602"}}, "type": "connect"}
    assert changed_state(json.dumps(change), "A1", "Email") == "J84602"


@pytest.mark.parametrize(
    "data",
    [
        '{"changed": {"A2": {"Email": "42"}}}',
        '{"changed": {"A1": {"Mailbox": "42"}}}',
        '{"changed": {"A1": {"Email": 42}}}',
        '{"changed": null}',
        "[]",
        "not JSON",
        "[" * 100_000,
    ],
    ids=["another account", "another type", "no string", "nothing changed", "no object", "no JSON", "a deep hole"],
)
def test_what_does_not_concern_us_tells_nothing(data: str) -> None:
    """Whatever a server sends as an event, the stream lives on."""
    assert changed_state(data, "A1", "Email") is None


@given(st.text())
def test_no_text_is_an_error(data: str) -> None:
    """Nothing that arrives can raise."""
    assert changed_state(data, "A1", "Email") is None
