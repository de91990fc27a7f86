"""The buckets that senders are triaged into, and what each of them derives from its name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from pydantic import ConfigDict

from mailroom.core.errors import WrongUsage
from mailroom.core.names import Name, normalized
from mailroom.core.suggestions import did_you_mean

ContactType: TypeAlias = Literal["company", "person"]


class UnknownCategory(WrongUsage):
    """The settings have no category of this name."""


@dataclass(frozen=True, slots=True)
class Category:
    """A bucket.

    What is left out derives from the name: `Paper Trail` has the triage label `@ToPaperTrail`, and a contact group and
    a destination mailbox of its own name. A parent only means *also*: the contact joins the parent's group too, and
    the mail is filed in the parent's mailbox too. Nothing is inherited. `add_to_inbox` puts the screened mail of a
    newly triaged sender into the Inbox as well.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    name: Name
    label: Name = ""
    contact_group: Name = ""
    destination_mailbox: Name = ""
    contact_type: ContactType = "company"
    parent: Name | None = None
    add_to_inbox: bool = False

    def __post_init__(self) -> None:
        derived = {
            "label": f"@To{''.join(self.name.split())}",
            "contact_group": self.name,
            "destination_mailbox": self.name,
        }
        for field, value in derived.items():
            if not getattr(self, field):
                object.__setattr__(self, field, value)


@dataclass(frozen=True, slots=True)
class Categories:
    """All categories, in the order of the settings."""

    entries: tuple[Category, ...]

    def __iter__(self) -> Iterator[Category]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def by_name(self, name: str) -> Category | None:
        """The category of this name, if there is one."""
        return next((category for category in self.entries if category.name == name), None)

    def by_label(self, label: str) -> Category | None:
        """The category that this mailbox name is the triage label of, if it is one."""
        wanted = normalized(label)
        return next((category for category in self.entries if category.label == wanted), None)

    def chain(self, category: Category) -> tuple[Category, ...]:
        """The category, its parent, its parent's parent, up to the root.

        It ends at an unknown parent, and where a circle of parents closes: neither passes the settings, but both are
        looked at to say so.
        """
        chain = [category]
        while (parent := self.by_name(chain[-1].parent or "")) and parent not in chain:
            chain.append(parent)
        return tuple(chain)

    def chains(self, categories: Iterable[Category]) -> tuple[Category, ...]:
        """All that belongs to these categories: their chains one after the other, each category once."""
        return tuple(dict.fromkeys(each for category in categories for each in self.chain(category)))


def choose_category(name: str, categories: Categories) -> Category:
    """The category of this name, in any case; `UnknownCategory`, which lists those there are, if there is none."""
    wanted = " ".join(name.split()).casefold()
    chosen = next((category for category in categories if category.name.casefold() == wanted), None)
    if chosen is None:
        names = [category.name for category in categories]
        raise UnknownCategory(
            f"There is no category '{name[:100]}'.{did_you_mean(name, names)} The categories are: {', '.join(names)}."
        )
    return chosen


DEFAULT_CATEGORIES = Categories(
    (
        Category("Imbox", add_to_inbox=True),
        Category("Feed"),
        Category("Paper Trail"),
        Category("Jail"),
        Category("Person", contact_type="person", parent="Imbox"),
        Category("Billboard", parent="Paper Trail"),
        Category("Truck", parent="Paper Trail"),
    )
)
