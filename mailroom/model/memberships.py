"""Which categories senders are in, as their contact groups say now."""

from collections.abc import Iterable

from mailroom.core.categories import Categories, Category
from mailroom.model.groups import Groups


class Memberships:
    """The members of each category's group.

    A group that a child shares with its parent is the parent's: being in it does not tell whether a contact is in the
    child.
    """

    def __init__(self, groups: Groups, categories: Categories) -> None:
        self._categories = categories
        found = {category.name: groups.find(category.contact_group) for category in categories}
        self._members = {name: group.members for name, group in found.items() if group is not None}
        for category in categories:
            if category.contact_group in {each.contact_group for each in categories.chain(category)[1:]}:
                self._members.pop(category.name, None)

    def of(self, contacts: Iterable[str]) -> tuple[Category, ...]:
        """What a sender with these contacts, given by uid, is in: usually one category, or none.

        The groups of parents do not count beside that of a child: they are joined on its behalf. Several are left where
        groups were edited by hand.
        """
        uids = frozenset(contacts)
        joined = [
            category
            for category in self._categories
            if not self._members.get(category.name, frozenset()).isdisjoint(uids)
        ]
        implied = {parent.name for category in joined for parent in self._categories.chain(category)[1:]}
        return tuple(category for category in joined if category.name not in implied)
