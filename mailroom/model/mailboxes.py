"""The mailboxes of an account, and how a name leads to one of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mailroom.core.names import normalized

MAILBOX_PROPERTIES: Final = ("id", "name", "parentId", "role")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox (RFC 8621 section 2), as far as finding it goes.

    `denied` are those of `myRights` that the login does not have, for whoever asked for that property.
    """

    id: str
    name: str
    parent_id: str | None
    role: str | None
    denied: frozenset[str] = frozenset()

    @classmethod
    def from_jmap(cls, mailbox: Mapping[str, Any]) -> "Mailbox":
        rights = mailbox.get("myRights") or {}
        denied = frozenset(right for right, granted in rights.items() if granted is False)
        return cls(mailbox["id"], normalized(mailbox["name"]), mailbox.get("parentId"), mailbox.get("role"), denied)


class Mailboxes:
    """All mailboxes of an account.

    Names are unique only among siblings (RFC 8621 section 2). A name means the mailbox of that name at the top level,
    else the only one of that name at any level, else the one at that path, its parts joined by `/`.
    """

    def __init__(self, mailboxes: Iterable[Mailbox]) -> None:
        self._by_id = {mailbox.id: mailbox for mailbox in mailboxes}
        self._by_name: dict[str, list[Mailbox]] = defaultdict(list)
        for mailbox in self._by_id.values():
            self._by_name[mailbox.name].append(mailbox)

    def with_role(self, role: str) -> str | None:
        """The id of the mailbox with this role."""
        return next((mailbox.id for mailbox in self._by_id.values() if mailbox.role == role), None)

    def meant_by(self, name: str) -> Sequence[Mailbox]:
        """What a name may mean: nothing if there is no such mailbox, and more than one if it is not clear."""
        name = normalized(name)
        named = self._by_name.get(name, ())
        at_top = [mailbox for mailbox in named if mailbox.parent_id not in self._by_id]
        return at_top or named or self.at(name)

    def at(self, path: str) -> Sequence[Mailbox]:
        """What lies at this path, seen from the top."""
        return [mailbox for mailbox in self._by_id.values() if self._is_at(mailbox, normalized(path))]

    def in_other_case(self, name: str) -> Mailbox | None:
        """A mailbox whose name or path differs from this one in the case of its letters alone."""
        folded = normalized(name).casefold()
        return next(
            (
                mailbox
                for mailbox in self._by_id.values()
                if folded in {mailbox.name.casefold(), self.path_of(mailbox).casefold()}
            ),
            None,
        )

    def path_of(self, mailbox: Mailbox) -> str:
        """Its name behind those of its parents. Parents that circle are no server's, and go in once."""
        names, seen = [mailbox.name], {mailbox.id}
        while (parent := self._by_id.get(mailbox.parent_id or "")) is not None and parent.id not in seen:
            mailbox = parent
            names.append(mailbox.name)
            seen.add(mailbox.id)
        return "/".join(reversed(names))

    def _is_at(self, mailbox: Mailbox, path: str) -> bool:
        """Whether a path ends here: walked upwards, and never further than the path is long, for parents may circle."""
        if mailbox.parent_id not in self._by_id:
            return mailbox.name == path
        rest = path.removesuffix(f"/{mailbox.name}")
        return rest != path and self._is_at(self._by_id[mailbox.parent_id], rest)
