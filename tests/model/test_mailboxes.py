"""How names lead to mailboxes."""

from mailroom.model.mailboxes import Mailbox, Mailboxes

TREE = Mailboxes(
    [
        Mailbox("1", "Lists", None, None),
        Mailbox("2", "Feed", "1", None),
        Mailbox("3", "Screener", None, None),
        Mailbox("4", "Posteingang", None, "inbox"),
    ]
)


def ids(name: str) -> list[str]:
    return [mailbox.id for mailbox in TREE.meant_by(name)]


def test_a_name_is_found_at_any_level() -> None:
    """Where it is the only one."""
    assert (ids("Screener"), ids("Feed"), ids("Lists/Feed"), ids("Feed/Lists")) == (["3"], ["2"], ["2"], [])


def test_a_role_is_found_in_any_language() -> None:
    """The Inbox need not be called so."""
    assert (TREE.with_role("inbox"), TREE.with_role("trash")) == ("4", None)


def test_the_path_of_a_mailbox_names_its_parents() -> None:
    """As the settings would write it."""
    assert [TREE.path_of(mailbox) for mailbox in TREE.meant_by("Feed")] == ["Lists/Feed"]


def test_another_case_is_noticed_at_any_level() -> None:
    """By name and by path."""
    found = [TREE.in_other_case(name) for name in ("feed", "LISTS/feed", "Feeds")]
    assert [mailbox and mailbox.id for mailbox in found] == ["2", "2", None]


def test_parents_that_circle_are_survived() -> None:
    """No server may hang the service."""
    circle = [Mailbox("1", "A", "2", None), Mailbox("2", "B", "1", None)]
    assert Mailboxes(circle).path_of(circle[0]) == "B/A"


def test_denied_rights_are_read() -> None:
    """What a server does not mention is granted."""
    mailbox = Mailbox.from_jmap({"id": "1", "name": "Feed", "myRights": {"mayAddItems": False, "mayReadItems": True}})
    assert mailbox.denied == {"mayAddItems"}
