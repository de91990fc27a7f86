"""Mailbox/get, changes, query and set (RFC 8621 section 2)."""

import unicodedata
from collections.abc import Callable
from typing import Any, Final

from mailroom.sandbox.errors import MethodError, SetError, invalid_properties
from mailroom.sandbox.jmap.arguments import CHANGES, GET, QUERY, QUERY_CHANGES, SET, Arguments, is_flag
from mailroom.sandbox.jmap.core import CreatedIds, Method
from mailroom.sandbox.jmap.filters import Filter, mailbox_filter
from mailroom.sandbox.jmap.standard import (
    DataType,
    Json,
    SetActions,
    cannot_calculate_changes,
    check_properties,
    resolve_id,
    resolve_ids,
    window,
)
from mailroom.sandbox.store.account import Account, Mailbox

MAIL: Final = "urn:ietf:params:jmap:mail"
COUNTS: Final = ("totalEmails", "unreadEmails", "totalThreads", "unreadThreads")
RIGHTS: Final = (
    "mayReadItems",
    "mayAddItems",
    "mayRemoveItems",
    "maySetSeen",
    "maySetKeywords",
    "mayCreateChild",
    "mayRename",
    "mayDelete",
    "maySubmit",
)
_SETTABLE: Final = {
    "name": "name",
    "parentId": "parent_id",
    "role": "role",
    "sortOrder": "sort_order",
    "isSubscribed": "is_subscribed",
}
_SORT_KEYS: Final[dict[str, Callable[[Mailbox], Any]]] = {
    "name": lambda mailbox: mailbox.name,
    "sortOrder": lambda mailbox: mailbox.sort_order,
}
_PROPERTIES: Final = {"id", "myRights", *COUNTS, *_SETTABLE}


class MailboxMethods:
    """The methods of mailboxes."""

    def __init__(self, account: Account, data_type: DataType) -> None:
        self._account = account
        self._type = data_type

    def methods(self) -> dict[str, Method]:
        return {
            "Mailbox/get": Method(MAIL, GET, self._get),
            "Mailbox/changes": Method(MAIL, CHANGES, self._changes),
            "Mailbox/query": Method(MAIL, {**QUERY, "sortAsTree": is_flag, "filterAsTree": is_flag}, self._query),
            "Mailbox/queryChanges": Method(MAIL, QUERY_CHANGES, cannot_calculate_changes),
            "Mailbox/set": Method(MAIL, {**SET, "onDestroyRemoveEmails": is_flag}, self._set),
        }

    def _get(self, arguments: Arguments, created: CreatedIds) -> Json:
        check_properties(arguments, _PROPERTIES.__contains__)
        wanted = {"id", *arguments.get("properties", _PROPERTIES)}
        arguments = resolve_ids(arguments, created)

        def read(mailbox: Mailbox) -> Json:
            return {name: value for name, value in self._json(mailbox).items() if name in wanted}

        return self._type.get(arguments, self._account.mailboxes, read)

    def _json(self, mailbox: Mailbox) -> Json:
        emails = [self._account.emails[email_id] for email_id in mailbox.email_ids]
        unread = sum("$seen" not in email.keywords for email in emails)
        return {
            "id": mailbox.id,
            **{name: getattr(mailbox, attribute) for name, attribute in _SETTABLE.items()},
            **dict(zip(COUNTS, (len(emails), unread, len(emails), unread), strict=True)),
            "myRights": dict.fromkeys(RIGHTS, True),
        }

    def _changes(self, arguments: Arguments, _created: CreatedIds) -> Json:
        answer = self._type.changes(arguments)
        changes = self._account.journal.changes("Mailbox", arguments["sinceState"], arguments.get("maxChanges"))
        return answer | {"updatedProperties": list(COUNTS) if changes.only_counts else None}

    def _query(self, arguments: Arguments, _created: CreatedIds) -> Json:
        matches: Filter[Mailbox] = mailbox_filter(arguments.get("filter"))
        found = sorted(filter(matches, self._account.mailboxes.values()), key=lambda box: box.name)
        for order in reversed(arguments.get("sort", [])):
            if order.get("property") not in _SORT_KEYS:
                raise MethodError("unsupportedSort")
            found.sort(key=_SORT_KEYS[order["property"]], reverse=not order.get("isAscending", True))
        ids = [mailbox.id for mailbox in found]
        head = {"queryState": self._type.state, "canCalculateChanges": False}
        return head | window(ids, arguments, self._type.options.max_query_limit)

    def _set(self, arguments: Arguments, created: CreatedIds) -> Json:
        remove_emails = arguments.get("onDestroyRemoveEmails", False)
        actions = SetActions(
            create=lambda json: self._create(json, created),
            update=lambda mailbox_id, patch: self._update(resolve_id(mailbox_id, created), patch, created),
            destroy=lambda mailbox_id: self._destroy(resolve_id(mailbox_id, created), remove_emails=remove_emails),
        )
        return self._type.set(arguments, actions, created)

    def _create(self, json: Json, created: CreatedIds) -> Json:
        fields = self._fields(json, created)
        if not fields.get("name"):
            raise invalid_properties("name")
        self._check_place(None, fields["name"], fields.get("parent_id"))
        parent = fields.pop("parent_id", None)
        mailbox = self._account.mailboxes[self._account.add_mailbox(parent=parent, **fields)]
        return {name: value for name, value in self._json(mailbox).items() if name not in json}

    def _update(self, mailbox_id: str, patch: Json, created: CreatedIds) -> None:
        mailbox = self._known(mailbox_id)
        fields = self._fields(patch, created)
        name, parent = fields.get("name", mailbox.name), fields.get("parent_id", mailbox.parent_id)
        self._check_place(mailbox_id, name, parent)
        self._account.change_mailbox(mailbox_id, **fields)

    def _destroy(self, mailbox_id: str, *, remove_emails: bool) -> None:
        mailbox = self._known(mailbox_id)
        if any(box.parent_id == mailbox_id for box in self._account.mailboxes.values()):
            raise SetError("mailboxHasChild")
        if mailbox.email_ids and not remove_emails:
            raise SetError("mailboxHasEmail")
        self._account.remove_mailbox(mailbox_id)

    def _known(self, mailbox_id: str) -> Mailbox:
        if mailbox_id not in self._account.mailboxes:
            raise SetError("notFound")
        return self._account.mailboxes[mailbox_id]

    def _fields(self, json: Json, created: CreatedIds) -> dict[str, Any]:
        """The fields of a `Mailbox` that JSON properties stand for."""
        unknown = set(json) - set(_SETTABLE)
        if unknown:
            raise invalid_properties(*sorted(unknown))
        fields = {_SETTABLE[name]: value for name, value in json.items()}
        if "name" in fields and not isinstance(fields["name"], str):
            raise invalid_properties("name")
        if fields.get("parent_id") is not None:
            fields["parent_id"] = resolve_id(str(fields["parent_id"]), created)
            if fields["parent_id"] not in self._account.mailboxes:
                raise invalid_properties("parentId")
        return fields

    def _check_place(self, mailbox_id: str | None, name: str, parent_id: str | None) -> None:
        """Refuse a name that a sibling has, one with a slash (as a Cyrus does), and a mailbox within itself."""
        if "/" in name:
            raise SetError("serverFail")
        siblings = (box for box in self._account.mailboxes.values() if box.parent_id == parent_id)
        if any(_net_unicode(box.name) == _net_unicode(name) and box.id != mailbox_id for box in siblings):
            raise invalid_properties("name")
        while mailbox_id is not None and parent_id is not None:
            if parent_id == mailbox_id:
                raise invalid_properties("parentId")
            parent_id = self._account.mailboxes[parent_id].parent_id


def _net_unicode(name: str) -> str:
    return unicodedata.normalize("NFC", name)
