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


TRASH = Mailbox("9", "Papierkorb", None, "trash")


def meant(name: str, *mailboxes: Mailbox) -> list[str]:
    return [mailbox.id for mailbox in Mailboxes(mailboxes).meant_by(name)]


def test_what_lies_in_the_trash_is_not_meant_by_its_name() -> None:
    """Mail programs delete a folder by moving it there; whoever still means it writes its path."""
    deleted, inner = Mailbox("1", "Feed", "9", None), Mailbox("2", "@ToFeed", "1", None)
    assert meant("Feed", TRASH, deleted, inner) == meant("@ToFeed", TRASH, deleted, inner) == []
    assert meant("Papierkorb/Feed", TRASH, deleted, inner) == ["1"]
    assert meant("Papierkorb", TRASH, deleted, inner) == ["9"]


def test_a_deleted_folder_does_not_make_a_name_ambiguous() -> None:
    """The one that is left is meant."""
    boxes = [TRASH, Mailbox("1", "Feed", "9", None), Mailbox("2", "Lists", None, None), Mailbox("3", "Feed", "2", None)]
    assert meant("Feed", *boxes) == ["3"]
    assert Mailboxes(boxes[:2]).in_other_case("feed") is None


def test_a_plain_name_tells_a_role_where_programs_put_such_mailboxes() -> None:
    """At the top, right below the Inbox, and below a name in brackets; deeper down it is a folder like any other."""
    boxes = [
        Mailbox("1", "Eingang", None, "inbox"),
        Mailbox("2", "Deleted Items", None, None),
        Mailbox("3", "junk e-mail", "1", None),
        Mailbox("4", "[Gmail]", None, None),
        Mailbox("5", "Bin", "4", None),
        Mailbox("6", "Work", None, None),
        Mailbox("7", "Bin", "6", None),
        Mailbox("8", "Spam", None, "archive"),
    ]
    tree = Mailboxes(boxes)
    assert [tree.role_of(box) for box in boxes] == ["inbox", "trash", "junk", None, "trash", None, None, "archive"]


def test_the_inbox_is_known_by_its_name_only_without_a_role() -> None:
    """A server that tells the role may have another mailbox that is called so."""
    named, with_role = Mailbox("1", "INBOX", None, None), Mailbox("2", "Posteingang", None, "inbox")
    assert (Mailboxes([named, with_role]).inbox, Mailboxes([named]).inbox, Mailboxes([]).inbox) == ("2", "1", None)


def test_a_mailbox_that_makes_no_sense_holds_up_no_other() -> None:
    """It is there, for what lies in it, and nothing leads to it by name."""
    odd = Mailbox.from_jmap({"id": "1", "name": None, "myRights": "all", "role": ["trash"], "parentId": 5})
    assert odd == Mailbox("1", "", None, None)
    assert Mailbox.from_jmap({"id": "1"}) == odd
    tree = Mailboxes([odd, Mailbox("2", "Feed", "1", None)])
    assert [mailbox.id for mailbox in tree.meant_by("Feed")] == ["2"]


def test_a_mailbox_deeper_than_any_is_not_followed_to_the_top() -> None:
    """Ten thousand mailboxes, each within the one before, take no time that grows with the square of their number."""
    deep = [Mailbox(str(each), f"n{each}", str(each - 1), None) for each in range(1000)]
    assert Mailboxes(deep).path_of(deep[-1]) == "/".join(f"n{each}" for each in range(950, 1000))
