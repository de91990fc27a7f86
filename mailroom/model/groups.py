"""Which contact groups the settings mean, in the address book as it is now, and who is in which category by them."""

from collections import defaultdict
from collections.abc import Iterable

from mailroom.contacts.book import Group
from mailroom.core.categories import Categories, Category
from mailroom.core.names import normalized
from mailroom.model.missing import is_absent, missing_group


class Groups:
    """The contact groups of an account by name, where each name that the settings use must mean one group."""

    def __init__(self, groups: Iterable[Group], categories: Categories, provenance: str) -> None:
        self.all = tuple(groups)
        self._by_name: dict[str, list[Group]] = defaultdict(list)
        for group in self.all:
            self._by_name[normalized(group.name)].append(group)
        names = [category.contact_group for category in categories]
        self.managed = frozenset(group.uid for group in map(self.find, names) if group is not None)
        self.provenance = self.find(provenance)
        self.missing = tuple(filter(None, map(self.lack, dict.fromkeys([*names, provenance]))))

    def find(self, name: str) -> Group | None:
        named = self._named(name)
        return named[0] if len(named) == 1 else None

    def of(self, uid: str) -> frozenset[str]:
        """The groups that a contact is in, by uid."""
        return frozenset(group.uid for group in self.all if uid in group.members)

    def managed_of(self, uid: str) -> frozenset[str]:
        """Those of them that belong to a category."""
        return self.of(uid) & self.managed

    def lack(self, name: str) -> str | None:
        """What is missing for this name to mean one group, in words; None if nothing is."""
        named = self._named(name)
        return None if len(named) == 1 else missing_group(name, len(named))

    def ambiguous(self, categories: Iterable[Category]) -> tuple[str, ...]:
        """The groups of these categories of which there are several, in words: who is in them is in no category."""
        lacks = map(self.lack, dict.fromkeys(category.contact_group for category in categories))
        return tuple(lack for lack in lacks if lack is not None and not is_absent(lack))

    def _named(self, name: str) -> list[Group]:
        return self._by_name.get(normalized(name), [])


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
