"""Everything about a category follows from its name, unless it is said."""

import pytest

from mailroom.core.categories import DEFAULT_CATEGORIES, Categories, Category, UnknownCategory, choose_category


def test_label_group_and_mailbox_derive_from_the_name() -> None:
    """The label leaves out spaces, which are hard to type and see in a label; the others are the name itself."""
    category = Category("Paper Trail")
    derived = (category.label, category.contact_group, category.destination_mailbox)
    assert derived == ("@ToPaperTrail", "Paper Trail", "Paper Trail")


def test_what_is_said_is_not_derived() -> None:
    """Each of the three can be named on its own."""
    category = Category("Feed", label="@Later", contact_group="News", destination_mailbox="Reading")
    assert (category.label, category.contact_group, category.destination_mailbox) == ("@Later", "News", "Reading")


def test_the_default_categories_are_these() -> None:
    """Names, parents, and the two that differ from the rest in kind."""
    assert [(each.name, each.parent) for each in DEFAULT_CATEGORIES] == [
        ("Imbox", None),
        ("Feed", None),
        ("Paper Trail", None),
        ("Jail", None),
        ("Person", "Imbox"),
        ("Billboard", "Paper Trail"),
        ("Truck", "Paper Trail"),
    ]


def test_only_imbox_adds_to_the_inbox_by_default() -> None:
    """`add_to_inbox` is not inherited: Person, a child of Imbox, has none."""
    assert [each.name for each in DEFAULT_CATEGORIES if each.add_to_inbox] == ["Imbox"]


def test_only_person_is_about_persons_by_default() -> None:
    """The contact type is not inherited either, in either direction."""
    assert [each.name for each in DEFAULT_CATEGORIES if each.contact_type == "person"] == ["Person"]


def test_a_chain_goes_from_the_category_up_to_its_root() -> None:
    """Contacts join, and mail is filed under, all of it."""
    categories = Categories((Category("A"), Category("B", parent="A"), Category("C", parent="B"), Category("D")))
    assert [each.name for each in categories.chain(categories.entries[2])] == ["C", "B", "A"]


def test_a_chain_ends_where_a_circle_closes() -> None:
    """Such categories are refused, but only after they have been looked at."""
    categories = Categories((Category("A", parent="B"), Category("B", parent="A")))
    assert [each.name for each in categories.chain(categories.entries[0])] == ["A", "B"]


def test_a_chain_ends_at_an_unknown_parent() -> None:
    """Such categories are refused, but only after they have been looked at."""
    categories = Categories((Category("A", parent="Nobody"),))
    assert categories.chain(categories.entries[0]) == categories.entries


def test_a_label_finds_its_category_in_any_normal_form() -> None:
    """Servers hand out names in NFC, file systems below them in NFD."""
    categories = Categories((Category("Feed"), Category("Caf\N{LATIN SMALL LETTER E WITH ACUTE}")))
    assert categories.by_label("@ToCafe\N{COMBINING ACUTE ACCENT}") is categories.entries[1]


def test_another_name_is_no_label() -> None:
    """Not even one that differs in case alone: the server tells them apart."""
    assert Categories((Category("Feed"),)).by_label("@tofeed") is None


@pytest.mark.parametrize("text", ["Paper Trail", "paper trail", " PAPER  TRAIL "])
def test_case_and_spaces_do_not_matter(text: str) -> None:
    """No two categories differ in case alone."""
    assert choose_category(text, DEFAULT_CATEGORIES).name == "Paper Trail"


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    """And with the one that was most likely meant."""
    with pytest.raises(UnknownCategory) as refusal:
        choose_category("Fed", DEFAULT_CATEGORIES)
    assert str(refusal.value) == (
        "There is no category 'Fed'. Did you mean 'Feed'? "
        "The categories are: Imbox, Feed, Paper Trail, Jail, Person, Billboard, Truck."
    )
