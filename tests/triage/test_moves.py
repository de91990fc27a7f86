"""MailboxPatches become writes of a size that servers take."""

from mailroom.jmap.session import Limits
from mailroom.triage.mailbox_patch import MailboxPatch
from mailroom.triage.moves import MAILS_PER_WRITE, not_written, set_operations

MOVE: MailboxPatch = {"Feed": True, "Screener": None}


def test_a_patch_names_mailboxes_by_pointer() -> None:
    """RFC 8620 section 5.3: the rest of the mail's mailboxes stays as it is."""
    (operation,) = set_operations({"M1": MOVE})
    ((call,),) = operation.next_chains(Limits())
    assert call.arguments == {"update": {"M1": {"mailboxIds/Feed": True, "mailboxIds/Screener": None}}}


def test_many_patches_are_several_writes() -> None:
    """No write keeps a slow server busy for long."""
    assert len(set_operations({f"M{number}": MOVE for number in range(2 * MAILS_PER_WRITE + 1)})) == 3


def test_no_patch_is_no_write() -> None:
    """Nothing is asked of the server then."""
    assert set_operations({}) == []


def test_a_mail_that_is_gone_needs_no_change() -> None:
    """All other conflicts are told, by mail and with the reason."""
    operations = set_operations({"gone": MOVE, "kept": MOVE, "moved": MOVE})
    (operation,) = operations
    operation.next_chains(Limits())
    refused = {"gone": {"type": "notFound"}, "kept": {"type": "forbidden"}}
    operation.receive([[{"updated": {"moved": None}, "notUpdated": refused}]])
    assert not_written(operations) == {"kept": "forbidden"}
