"""What an update does to a mail's mailboxes and keywords (RFC 8621 section 4.6), with a Cyrus's corner cases."""

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

from mailroom.sandbox.errors import invalid_properties
from mailroom.sandbox.jmap.core import CreatedIds
from mailroom.sandbox.jmap.email_properties import reader
from mailroom.sandbox.jmap.standard import resolve_id


@dataclass(slots=True)
class Filing:
    """Where a mail is and what is marked on it, while a patch is applied."""

    mailboxes: Container[str]
    created: CreatedIds
    mailbox_ids: set[str] = field(default_factory=set)
    keywords: set[str] = field(default_factory=set)

    def apply(self, patch: dict[str, Any]) -> None:
        """Apply a patch; a SetError leaves it half applied. Other properties of a mail are accepted and ignored.

        To take away the last mailbox is allowed, and leaves none. To set an empty map of mailboxes is not.
        """
        if "mailboxIds" in patch:
            self.mailbox_ids = {self._mailbox(name) for name in _members("mailboxIds", patch["mailboxIds"])}
            if not self.mailbox_ids:
                raise invalid_properties("mailboxIds")
        if "keywords" in patch:
            self.keywords = {name.lower() for name in _members("keywords", patch["keywords"])}
        for path, value in patch.items():
            name, slash, key = path.partition("/")
            if slash and name == "keywords":
                _toggle(self.keywords, path, _unescaped(key).lower(), value)
            elif slash and name == "mailboxIds":
                mailbox_id = self._mailbox(_unescaped(key))
                if "mailboxIds" not in patch:
                    _toggle(self.mailbox_ids, path, mailbox_id, value)
            elif slash or reader(name) is None:
                raise invalid_properties(path)

    def _mailbox(self, mailbox_id: str) -> str:
        mailbox_id = resolve_id(mailbox_id, self.created)
        if mailbox_id not in self.mailboxes:
            raise invalid_properties("mailboxIds")
        return mailbox_id


def _members(name: str, value: Any) -> list[str]:
    """The keys of a map whose values are all true."""
    if not isinstance(value, dict):
        raise invalid_properties(name)
    wrong = [f"{name}/{key}" for key, member in value.items() if member is not True]
    if wrong:
        raise invalid_properties(*wrong)
    return list(value)


def _toggle(members: set[str], path: str, key: str, value: Any) -> None:
    if value is True:
        members.add(key)
    elif value is None:
        members.discard(key)
    else:
        raise invalid_properties(path)


def _unescaped(key: str) -> str:
    return key.replace("~1", "/").replace("~0", "~")
