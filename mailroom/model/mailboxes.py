"""The mailboxes of an account, and how a name leads to one of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mailroom.core.names import normalized
from mailroom.jmap.json_values import mapping, optional_text, text
from mailroom.model.special_use import TRASH, plain_role

MAILBOX_PROPERTIES: Final = ("id", "name", "parentId", "role")
_MAX_DEPTH: Final = 50
"""How deep a mailbox may lie: to walk ten thousand levels up from each of ten thousand mailboxes takes minutes."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox (RFC 8621 section 2), as far as finding it goes.

    `denied` are those of `myRights` that the login does not have, for whoever asked for that property. One whose name
    or place cannot be read has no name: no setting means it, and the mailboxes in it stay where they are.
    """

    id: str
    name: str
    parent_id: str | None
    role: str | None
    denied: frozenset[str] = frozenset()

    @classmethod
    def from_jmap(cls, mailbox: Mapping[str, Any]) -> "Mailbox":
        """Read a Mailbox object. What makes no sense in it counts as absent; without a name, no name leads there.

        One whose parent makes no sense is nowhere, and so no name leads there either.
        """
        rights, parent_id = mapping(mailbox.get("myRights")), mailbox.get("parentId")
        return cls(
            id=mailbox["id"],
            name=normalized(text(mailbox.get("name"))) if isinstance(parent_id, str | None) else "",
            parent_id=optional_text(parent_id),
            role=optional_text(mailbox.get("role")),
            denied=frozenset(right for right, granted in rights.items() if granted is False),
        )


class Mailboxes:
    """All mailboxes of an account.

    Names are unique only among siblings (RFC 8621 section 2). A name means the mailbox of that name at the top level,
    else the only one of that name at any level, else the one at that path, its parts joined by `/`. A mailbox in the
    trash was deleted, as mail programs do it, and is meant by its path alone.
    """

    def __init__(self, mailboxes: Iterable[Mailbox]) -> None:
        self._by_id = {mailbox.id: mailbox for mailbox in mailboxes}
        self._by_name: dict[str, list[Mailbox]] = defaultdict(list)
        self._children: dict[str | None, list[str]] = defaultdict(list)
        for mailbox in self._by_id.values():
            self._by_name[mailbox.name].append(mailbox)
            self._children[mailbox.parent_id].append(mailbox.id)
        self.inbox = self._inbox()
        """The id of the Inbox, whatever it is called."""
        self._deleted = self._deleted_ones()

    def __iter__(self) -> Iterator[Mailbox]:
        return iter(self._by_id.values())

    def role_of(self, mailbox: Mailbox) -> str | None:
        """Its role, or else the one that its name tells, where programs and servers put mailboxes of their own.

        That is at the top, right below the Inbox, or below a name in brackets, as in `[Gmail]/Trash`.
        """
        parent = self._by_id.get(mailbox.parent_id or "")
        if mailbox.role is None and (parent is None or parent.id == self.inbox or parent.name.startswith("[")):
            return plain_role(mailbox.name)
        return mailbox.role

    def with_role(self, role: str) -> str | None:
        """The id of the mailbox with this role, as the server tells it."""
        return next((mailbox.id for mailbox in self if mailbox.role == role), None)

    def all_with_role(self, *roles: str) -> Sequence[Mailbox]:
        """The mailboxes with one of these roles, told by the server or by their name."""
        return [mailbox for mailbox in self if self.role_of(mailbox) in roles]

    def within(self, tops: Iterable[Mailbox]) -> frozenset[str]:
        """The ids of these mailboxes and of all below them."""
        reached, ahead = set[str](), [mailbox.id for mailbox in tops]
        while ahead:
            if (id_ := ahead.pop()) not in reached:  # parents may circle
                reached.add(id_)
                ahead += self._children.get(id_, ())
        return frozenset(reached)

    def meant_by(self, name: str) -> Sequence[Mailbox]:
        """What a name may mean: nothing if there is no such mailbox, and more than one if it is not clear."""
        name = normalized(name)
        named = [mailbox for mailbox in self._by_name.get(name, ()) if mailbox.id not in self._deleted]
        at_top = [mailbox for mailbox in named if mailbox.parent_id not in self._by_id]
        return at_top or named or self.at(name)

    def at(self, path: str) -> Sequence[Mailbox]:
        """What lies at this path, seen from the top."""
        return [mailbox for mailbox in self if self._is_at(mailbox, normalized(path))]

    def in_other_case(self, name: str) -> Mailbox | None:
        """A mailbox whose name or path differs from this one in the case of its letters alone."""
        folded = normalized(name).casefold()
        return next(
            (
                mailbox
                for mailbox in self
                if mailbox.id not in self._deleted
                and folded in {mailbox.name.casefold(), self.path_of(mailbox).casefold()}
            ),
            None,
        )

    def path_of(self, mailbox: Mailbox) -> str:
        """Its name behind those of its parents. Parents that circle are no server's, and go in once."""
        return "/".join(each.name for each in reversed(self._lineage(mailbox)))

    def _lineage(self, mailbox: Mailbox) -> Sequence[Mailbox]:
        """The mailbox, the one that it lies in, and so on up to the top, if that is not too far away to be true."""
        lineage = {mailbox.id: mailbox}
        parent = self._by_id.get(mailbox.parent_id or "")
        while parent is not None and parent.id not in lineage and len(lineage) < _MAX_DEPTH:
            lineage[parent.id] = parent
            parent = self._by_id.get(parent.parent_id or "")
        return [*lineage.values()]

    def _inbox(self) -> str | None:
        """By its role; by its name only on a server that tells no such role."""
        named = (each.id for each in self if each.parent_id not in self._by_id and each.name.casefold() == "inbox")
        return self.with_role("inbox") or next(named, None)

    def _deleted_ones(self) -> frozenset[str]:
        trash = self.all_with_role(TRASH)
        return self.within(trash) - {mailbox.id for mailbox in trash}

    def _is_at(self, mailbox: Mailbox, path: str) -> bool:
        """Whether a path ends here: walked upwards, and never further than the path is long, for parents may circle."""
        if mailbox.parent_id not in self._by_id:
            return mailbox.name == path
        rest = path.removesuffix(f"/{mailbox.name}")
        return rest != path and self._is_at(self._by_id[mailbox.parent_id], rest)
