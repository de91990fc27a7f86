"""What keeps mail from being filed is told as it is."""

from collections.abc import Sequence

import pytest

from mailroom.model.missing import is_absent, lacking, missing_group, missing_mailbox

ABSENT = (
    missing_mailbox("Feed"),
    missing_group("Feed"),
    missing_mailbox("@ToFeed", kind="label"),
    missing_group("a (b)"),
)
UNUSABLE = (missing_mailbox("Feed", 2), missing_group("Feed", 3), missing_mailbox("Feed", refusal="it is the Inbox"))


@pytest.mark.parametrize("lack", ABSENT)
def test_what_is_not_there_can_be_created(lack: str) -> None:
    """By setup."""
    assert is_absent(lack)


@pytest.mark.parametrize("lack", UNUSABLE)
def test_what_is_there_is_not_told_as_absent(lack: str) -> None:
    """Twice, or as something else."""
    assert not is_absent(lack)


@pytest.mark.parametrize(
    ("lacks", "words"),
    [
        (ABSENT[:2], 'the account has no mailbox "Feed", no contact group "Feed"'),
        (UNUSABLE[1:2], 'cannot be used: contact group "Feed" (3 groups have this name: rename all but one)'),
        (
            (ABSENT[0], UNUSABLE[2]),
            'the account has no mailbox "Feed"; cannot be used: mailbox "Feed" (it is the Inbox)',
        ),
    ],
)
def test_each_has_its_own_words(lacks: Sequence[str], words: str) -> None:
    """In one sentence."""
    assert lacking(lacks) == words
