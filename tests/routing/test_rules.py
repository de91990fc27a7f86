"""What the categories mean for new mail."""

from mailroom.core.categories import DEFAULT_CATEGORIES, Categories, Category
from mailroom.routing.rules import routing_rules


def rules(*categories: Category) -> dict[str, tuple[bool, list[str]]]:
    """By name: whether mail stays in the Inbox, and which categories decide that for themselves."""
    return {
        rule.category.name: (rule.adds_to_inbox, [child.name for child in rule.children])
        for rule in routing_rules(Categories(categories))
    }


def test_every_category_has_its_rule() -> None:
    """In the order of the settings."""
    assert [rule.category for rule in routing_rules(DEFAULT_CATEGORIES)] == list(DEFAULT_CATEGORIES)


def test_the_child_decides() -> None:
    """A parent's word on the Inbox is not its children's."""
    family = rules(Category("Imbox", add_to_inbox=True), Category("Person", parent="Imbox"))
    assert family == {"Imbox": (True, ["Person"]), "Person": (False, [])}


def test_grandchildren_decide_too() -> None:
    """Whoever is further down is in all the groups above."""
    family = rules(Category("A"), Category("B", parent="A"), Category("C", parent="B"))
    assert [children for _, children in family.values()] == [["B", "C"], ["C"], []]


def test_siblings_have_no_say() -> None:
    """Nobody is in a sibling's group."""
    family = rules(Category("A"), Category("B", parent="A"), Category("C", parent="A"))
    assert family["B"] == (False, [])


def test_a_shared_group_leaves_mail_in_the_inbox() -> None:
    """Who decides cannot be told from the group, so mail goes where it cannot be missed."""
    family = rules(Category("Imbox", add_to_inbox=True), Category("Person", parent="Imbox", contact_group="Imbox"))
    assert family == {"Imbox": (True, []), "Person": (True, [])}
