"""What an account has of what the settings ask for."""

import pytest

from mailroom.contacts.book import Group
from mailroom.core.config import MailroomSettings
from mailroom.model.mailboxes import Mailbox, Mailboxes
from mailroom.routing.capability import Mode
from mailroom.routing.state import RoutingState
from mailroom.sandbox.settings import SandboxSettings
from mailroom.setup.requirements import (
    Kind,
    Requirement,
    State,
    group_requirements,
    mailbox_requirements,
    routing_requirements,
)

LISTS = Mailbox("1", "Lists", None, None)


def settings(**more: object) -> MailroomSettings:
    return SandboxSettings.model_validate({"categories": ["Feed"]} | more)


def rows_of(*mailboxes: Mailbox, obstacle: str = "", **more: object) -> dict[str, Requirement]:
    return {
        requirement.name: requirement
        for requirement in mailbox_requirements(Mailboxes(mailboxes), settings(**more), obstacle)
    }


def feed(*mailboxes: Mailbox, destination: str = "Feed", obstacle: str = "") -> tuple[State, str]:
    """How it stands with one mailbox."""
    categories = [{"name": "Feed", "destination_mailbox": destination}]
    requirement = rows_of(*mailboxes, obstacle=obstacle, categories=categories)[destination]
    return requirement.state, requirement.remark


def test_an_empty_account_lacks_everything() -> None:
    """Each mailbox is named once, with what it is for."""
    requirements = rows_of(categories=["Feed", {"name": "News", "parent": "Feed", "destination_mailbox": "Feed"}])
    assert {name: requirement.kind for name, requirement in requirements.items()} == {
        "Screener": Kind.MAILBOX,
        "Feed": Kind.MAILBOX,
        "@ToFeed": Kind.LABEL,
        "@ToNews": Kind.LABEL,
        "@MailroomError": Kind.ERROR_LABEL,
        "@MailroomWarning": Kind.WARNING_LABEL,
    }
    assert {str(requirement) for requirement in requirements.values()} == {"create"}


def test_a_label_that_is_not_used_is_not_asked_for() -> None:
    """With warnings off, nobody needs their label."""
    assert "@MailroomWarning" not in rows_of(warnings_enabled=False)


@pytest.mark.parametrize(
    ("mailboxes", "destination", "state", "words"),
    [
        ([], "Feed", State.CREATE, ""),
        ([Mailbox("2", "Feed", None, None)], "Feed", State.EXISTS, ""),
        ([LISTS, Mailbox("2", "Feed", "1", None)], "Feed", State.EXISTS, "it is Lists/Feed"),
        ([LISTS, Mailbox("2", "Feed", "1", None)], "Lists/Feed", State.EXISTS, ""),
        ([Mailbox("2", "Feed", "1", None), LISTS, Mailbox("3", "Feed", None, None)], "Feed", State.EXISTS, ""),
        ([LISTS], "Lists/Feed", State.CREATE, ""),
        ([], "Lists/Feed", State.CREATE, ""),
        ([Mailbox("2", "FEED", None, None)], "Feed", State.WRONG, 'it is called "FEED": rename it'),
        ([LISTS, Mailbox("2", "feed", "1", None)], "Feed", State.WRONG, 'it is called "Lists/feed": rename it'),
        (
            [LISTS, Mailbox("2", "Feed", "1", None), Mailbox("3", "Feed", "2", None)],
            "Feed",
            State.WRONG,
            "several have this name (Lists/Feed and Lists/Feed/Feed): write the path",
        ),
        (
            [Mailbox("2", "Feed", None, None, frozenset({"mayAddItems"}))],
            "Feed",
            State.WRONG,
            "Mailroom may not put mail into it",
        ),
        (
            [Mailbox("1", "Lists", None, None, frozenset({"mayCreateChild"}))],
            "Lists/New/Feed",
            State.WRONG,
            'no right to create it below "Lists"',
        ),
    ],
)
def test_how_it_stands_with_a_mailbox(mailboxes: list[Mailbox], destination: str, state: State, words: str) -> None:
    """Whatever is not simply there or missing is said plainly."""
    found, remark = feed(*mailboxes, destination=destination)
    assert found is state
    assert remark.startswith(words)


def test_an_obstacle_keeps_what_is_missing_from_being_created() -> None:
    """What is there is there all the same, and a mailbox below another one needs no right at the top."""
    assert feed(obstacle="no right") == (State.WRONG, "no right")
    assert feed(Mailbox("2", "Feed", None, None), obstacle="no right") == (State.EXISTS, "")
    assert feed(LISTS, destination="Lists/Feed", obstacle="no right") == (State.CREATE, "")


def groups_of(*names: str, obstacle: str = "") -> dict[str, str]:
    groups = [Group(str(number), name) for number, name in enumerate(names)]
    return {requirement.name: str(requirement) for requirement in group_requirements(groups, settings(), obstacle)}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["Mailroom"], "create"),
        (["Mailroom", "Feed"], "exists"),
        (["Mailroom", "Feed", "feed"], "exists"),
        (["Mailroom", "feed"], 'it is called "feed": rename it, or write it so in the settings'),
        (["Mailroom", "Feed", "Feed"], "2 groups have this name: rename all but one"),
    ],
)
def test_how_it_stands_with_a_group(names: list[str], words: str) -> None:
    """As with mailboxes, but that groups have no levels."""
    assert groups_of(*names) == {"Feed": words, "Mailroom": "exists"}


def test_groups_of_an_address_book_that_cannot_be_used_are_unknown() -> None:
    """Nothing is claimed of them, and nothing created."""
    assert groups_of(obstacle="unknown") == {"Feed": "unknown", "Mailroom": "unknown"}


def test_the_provenance_group_is_told_apart() -> None:
    """It is no category's."""
    assert [requirement.kind for requirement in group_requirements((), settings())] == [
        Kind.GROUP,
        Kind.PROVENANCE_GROUP,
    ]


NO_SIEVE = RoutingState(Mode.NONE, "There is no Sieve.")
BESIDE = RoutingState(Mode.GROUPS, exists=True, current=True, other="mine")


@pytest.mark.parametrize(
    ("wanted", "routing", "state", "words"),
    [
        ("auto", NO_SIEVE, State.BY_HAND, "There is no Sieve."),
        ("groups", NO_SIEVE, State.WRONG, "There is no Sieve."),
        ("auto", RoutingState(Mode.GROUPS, problem="It is too large."), State.WRONG, "It is too large."),
        ("auto", RoutingState(Mode.GROUPS), State.CREATE, "by groups"),
        ("auto", RoutingState(Mode.ADDRESSES, exists=True, active=True), State.CREATE, "it is out of date"),
        ("auto", RoutingState(Mode.GROUPS, exists=True, current=True), State.CREATE, "by groups"),
        ("auto", RoutingState(Mode.GROUPS, exists=True, current=True, active=True), State.EXISTS, "by groups"),
        ("auto", RoutingState(Mode.GROUPS, other="mine"), State.CREATE, "by groups"),
        ("auto", BESIDE, State.BY_HAND, 'Your own script "mine" is active'),
    ],
)
def test_how_it_stands_with_the_rules(wanted: str, routing: RoutingState, state: State, words: str) -> None:
    """What Mailroom can do about them, it does; the rest is its user's."""
    (requirement,) = routing_requirements(routing, settings(routing=wanted))
    assert requirement.state is state
    assert requirement.remark.startswith(words)


def test_rules_take_another_scripts_place_only_if_told_to() -> None:
    """With --activate there is something to do."""
    (requirement,) = routing_requirements(BESIDE, settings(), activate=True)
    assert requirement.state is State.CREATE


def test_rules_that_nobody_wants_are_not_asked_for() -> None:
    """With routing none there is no requirement."""
    assert routing_requirements(NO_SIEVE, settings(routing="none")) == []
