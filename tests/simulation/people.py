"""Who writes mail in a simulation, and what categories there are."""

from dataclasses import dataclass
from typing import Any, Final

from mailroom.core.categories import Categories, Category

CATEGORIES: Final = Categories(
    (Category("Imbox", add_to_inbox=True), Category("Feed"), Category("Trail"), Category("Truck", parent="Trail"))
)
LABELS: Final = tuple(category.label for category in CATEGORIES)
GROUPS: Final = tuple(category.contact_group for category in CATEGORIES)
PROVENANCE: Final = "Mailroom"
SCREENER, ERROR_LABEL, WARNING_LABEL = "Screener", "@MailroomError", "@MailroomWarning"
MANAGED: Final = (*(category.destination_mailbox for category in CATEGORIES), SCREENER)
NAMES: Final = (*MANAGED, *LABELS, ERROR_LABEL, WARNING_LABEL)
"""Every mailbox that the settings name."""
PROTECTED_ROLES: Final = frozenset({"trash", "junk", "drafts", "sent"})


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody who writes. `spellings` are how the mails write the address, `address` the one that counts."""

    address: str
    name: str
    spellings: tuple[str, ...]

    def writes(self, spelling: int) -> list[dict[str, Any]]:
        """The From of a mail."""
        return [{"name": self.name, "email": self.spellings[spelling % len(self.spellings)]}]


USABLE: Final = {
    "bob": Sender("bob@example.com", "Bob Stone", ("bob@example.com", "Bob@Example.COM")),
    "rob": Sender("rob@example.org", "Rob Stone", ("rob@example.org",)),
    "ann": Sender("ann.lee+tag@example.com", "", ("Ann.Lee+tag@example.com", "ann.lee+tag@EXAMPLE.com")),
    "eve": Sender("eve@example.net", "Eve Last", ("eve@example.net",)),
    "odd": Sender("o'brien x@xn--bcher-kva.example", 'O"Brien, Ltd.', ('"o\'brien x"@bücher.example',)),
}
LAST: Final = "eve"
"""Who writes only in the end of a run, when nothing goes wrong any more."""
UNUSABLE: Final[dict[str, list[dict[str, Any]]]] = {
    "nobody": [],
    "two": [{"name": "", "email": "bob@example.com"}, {"name": "", "email": "ann@example.com"}],
    "star": [{"name": "Everybody", "email": "*@example.com"}],
}
REGULAR: Final = tuple(sender for sender in USABLE if sender != LAST)
SENDERS: Final = (*REGULAR, *UNUSABLE)


def chain(category: str) -> frozenset[str]:
    """The names of a category and of those above it, which are those of its groups and its mailboxes too."""
    found = next(each for each in CATEGORIES if each.name == category)
    return frozenset(each.name for each in CATEGORIES.chain(found))


def category_of(label: str) -> str:
    """The category that a label asks for."""
    return next(each.name for each in CATEGORIES if each.label == label)


def sender_of(address: str) -> str | None:
    """Whose address it is, however it is spelled."""
    folded = address.lower().removeprefix("mailto:")
    for key, sender in USABLE.items():
        if folded in {sender.address, *(each.lower() for each in sender.spellings)}:
            return key
    return None
