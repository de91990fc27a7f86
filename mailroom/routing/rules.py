"""What the categories mean for new mail, whoever carries it out. No I/O."""

from dataclasses import dataclass

from mailroom.core.categories import Categories, Category


@dataclass(frozen=True, slots=True)
class Rule:
    """Mail from a member of the category's contact group is filed in the category's mailbox.

    Nothing is said of parents: a member of a child's group is in the parent's group too, and meets the parent's rule.
    `adds_to_inbox` counts only for those whose own category this is: not for members of the groups of `children`, the
    categories below it, which decide for themselves.
    """

    category: Category
    adds_to_inbox: bool
    children: tuple[Category, ...] = ()


def routing_rules(categories: Categories) -> tuple[Rule, ...]:
    """A rule for each category, in the order of the settings.

    Categories that share a group cannot be told apart by it. Where that leaves in doubt who decides, mail is also where
    it was before Mailroom, in the Inbox.
    """
    in_inbox = {category.contact_group for category in categories if category.add_to_inbox}
    return tuple(
        Rule(category, category.contact_group in in_inbox, _below(category, categories)) for category in categories
    )


def _below(category: Category, categories: Categories) -> tuple[Category, ...]:
    return tuple(
        each
        for each in categories
        if category in categories.chain(each)[1:] and each.contact_group != category.contact_group
    )
