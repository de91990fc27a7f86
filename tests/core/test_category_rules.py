"""Each rule of the categories is told with the entry and the remedy, and all of them at once."""

import pytest

from mailroom.core.categories import DEFAULT_CATEGORIES, Categories, Category
from mailroom.core.category_rules import category_problems


def problems(*categories: Category) -> list[str]:
    return category_problems(
        Categories(categories),
        {"screener_mailbox": "Screener", "error_label": "@Error", "warning_label": "@Warning"},
        {"provenance_group": "Mailroom"},
    )


@pytest.mark.parametrize(
    "categories",
    [
        DEFAULT_CATEGORIES.entries,
        (Category("Feed"), Category("News", parent="Feed", destination_mailbox="Feed")),
        (Category("Feed"), Category("News", parent="Feed", contact_group="Feed")),
        (
            Category("Feed"),
            Category("A", parent="Feed", contact_group="Shared", destination_mailbox="Shared"),
            Category("B", parent="Feed", contact_group="Shared", destination_mailbox="Shared"),
        ),
    ],
)
def test_these_will_do(categories: tuple[Category, ...]) -> None:
    """Members of one family may share a destination or a group."""
    assert problems(*categories) == []


@pytest.mark.parametrize(
    ("categories", "problem"),
    [
        ((), "categories: there is none. List at least one, or leave the setting out for the default ones."),
        (
            (Category("Feed"), Category("Feed")),
            "categories: duplicate names 'Feed', 'Feed'. Rename or remove all but one.",
        ),
        (
            (Category("Feed"), Category("feed")),
            (
                "categories: duplicate names 'Feed', 'feed'. Rename or remove all but one. "
                "Names that differ in case alone count as one."
            ),
        ),
        (
            (Category("A", label="@X"), Category("B", label="@X")),
            (
                "categories: duplicate label: '@X' is the label of category 'A', '@X' is the label of category 'B'. "
                "Give each a mailbox of its own."
            ),
        ),
        (
            (Category("Paper Trail"), Category("Truck", parent="Papertrail")),
            (
                "category 'Truck': unknown parent 'Papertrail'. Did you mean 'Paper Trail'? "
                "Name another category of the list, or leave parent out."
            ),
        ),
        (
            (
                Category("A", parent="B"),
                Category("B", parent="C"),
                Category("C", parent="A"),
                Category("D", parent="A"),
            ),
            "category 'A': a circle of parents (A -> B -> C -> A). Take the parent from one of them.",
        ),
        (
            (Category("A", parent="A"),),
            "category 'A': a circle of parents (A -> A). Take the parent from one of them.",
        ),
        (
            (Category("Imbox", destination_mailbox="INBOX"),),
            (
                "category 'Imbox': the destination_mailbox cannot be the Inbox. "
                "Name another; with add_to_inbox its screened mail is put into the Inbox as well."
            ),
        ),
        (
            (Category("A", contact_group="Friends"), Category("B", contact_group="Friends")),
            (
                "categories: duplicate contact_group: 'Friends' is the contact_group of category 'A', "
                "'Friends' is the contact_group of category 'B'. "
                "Give each a contact group of its own, or make one category the parent of the other."
            ),
        ),
        (
            (Category("A", destination_mailbox="Old"), Category("B", destination_mailbox="Old")),
            (
                "categories: duplicate destination_mailbox: 'Old' is the destination_mailbox of category 'A', "
                "'Old' is the destination_mailbox of category 'B'. "
                "Give each a mailbox of its own, or make one category the parent of the other."
            ),
        ),
        (
            (Category("A", contact_group="Mailroom"),),
            (
                "categories: one contact group with two meanings: 'Mailroom' is the provenance_group, "
                "'Mailroom' is the contact_group of category 'A'. Give each a contact group of its own."
            ),
        ),
    ],
)
def test_each_rule_names_the_entry_and_the_remedy(categories: tuple[Category, ...], problem: str) -> None:
    """One broken rule makes one problem, and no other comes along."""
    assert problems(*categories) == [problem]


@pytest.mark.parametrize(
    "category",
    [
        Category("A", destination_mailbox="Screener"),
        Category("A", destination_mailbox="@Error"),
        Category("A", destination_mailbox="@Warning"),
        Category("A", destination_mailbox="@ToA"),
        Category("A", destination_mailbox="@ToOther"),
        Category("A", label="Screener"),
        Category("A", label="@error"),
        Category("A", label="@Warning"),
        Category("A", label="Inbox"),
        Category("A", label="Other"),
    ],
)
def test_one_mailbox_has_one_meaning(category: Category) -> None:
    """A label that is also a destination would be triaged for ever, a swept screener would never empty."""
    (problem,) = problems(Category("Other"), category)
    assert problem.startswith("categories: one mailbox with two meanings: ")


def test_the_screener_cannot_be_the_inbox() -> None:
    """Other settings too may give a mailbox two meanings."""
    (problem,) = category_problems(DEFAULT_CATEGORIES, {"screener_mailbox": "Inbox"}, {})
    assert problem.startswith(
        "categories: one mailbox with two meanings: 'Inbox' is the Inbox, 'Inbox' is the screener"
    )


def test_everything_is_told_at_once() -> None:
    """Nobody wants to start a service again for each mistake."""
    found = problems(Category("A", parent="X"), Category("B", label="@toa"), Category("C", destination_mailbox="inbox"))
    assert len(found) == 3


def test_what_is_filed_in_cannot_be_left_alone() -> None:
    """A mailbox is swept or it is not; naming one twice as never swept does no harm."""
    feed = Categories((Category("Feed"),))
    assert category_problems(feed, {}, {}, ["Old", "Old", "old"]) == []
    assert category_problems(feed, {}, {}, ["Feed"]) == [
        (
            "categories: one mailbox with two meanings: 'Feed' is the destination_mailbox of category 'Feed', "
            "'Feed' is the never_swept mailbox. Give each a mailbox of its own."
        )
    ]
