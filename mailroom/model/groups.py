"""Which contact groups the settings mean, in the address book as it is now."""

from collections import defaultdict
from collections.abc import Iterable

from mailroom.contacts.book import Group
from mailroom.core.categories import Categories
from mailroom.core.names import normalized


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
        self.missing = tuple(
            self._lack(name) for name in dict.fromkeys([*names, provenance]) if self.find(name) is None
        )

    def find(self, name: str) -> Group | None:
        named = self._named(name)
        return named[0] if len(named) == 1 else None

    def of(self, uid: str) -> frozenset[str]:
        """The groups that a contact is in, by uid."""
        return frozenset(group.uid for group in self.all if uid in group.members)

    def managed_of(self, uid: str) -> frozenset[str]:
        """Those of them that belong to a category."""
        return self.of(uid) & self.managed

    def _lack(self, name: str) -> str:
        return f'contact group "{name}"' + (
            " (several have this name: rename all but one)" if self._named(name) else ""
        )

    def _named(self, name: str) -> list[Group]:
        return self._by_name.get(normalized(name), [])
