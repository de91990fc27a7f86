"""Email/get, changes, query, set and import (RFC 8621 section 4)."""

from collections.abc import Callable
from typing import Any, Final

from twisted.internet.interfaces import IReactorTime

from mailroom.sandbox.errors import MethodError, SetError, invalid_arguments, invalid_properties
from mailroom.sandbox.jmap.arguments import (
    CHANGES,
    GET,
    QUERY,
    QUERY_CHANGES,
    SET,
    Arguments,
    is_flag,
    is_objects,
    is_text,
)
from mailroom.sandbox.jmap.core import CreatedIds, Method
from mailroom.sandbox.jmap.email_patches import Filing
from mailroom.sandbox.jmap.email_properties import ALL_PROPERTIES, reader
from mailroom.sandbox.jmap.filters import email_filter
from mailroom.sandbox.jmap.mailbox_methods import MAIL
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
from mailroom.sandbox.store.account import Account, Email
from mailroom.sandbox.store.dates import seconds_of

_SORT_KEYS: Final[dict[str, Callable[[Email], Any]]] = {
    "receivedAt": lambda email: email.received_at,
    "size": lambda email: len(email.message.raw),
    "subject": lambda email: email.message.last_text("Subject") or "",
    "from": lambda email: email.senders,
}


class EmailMethods:
    """The methods of mails."""

    def __init__(self, account: Account, data_type: DataType, clock: IReactorTime) -> None:
        self._account = account
        self._type = data_type
        self._clock = clock

    def methods(self) -> dict[str, Method]:
        bodies = {"fetchTextBodyValues": is_flag, "fetchHTMLBodyValues": is_flag, "fetchAllBodyValues": is_flag}
        return {
            "Email/get": Method(MAIL, {**GET, **bodies}, self._get),
            "Email/changes": Method(MAIL, CHANGES, lambda arguments, _created: self._type.changes(arguments)),
            "Email/query": Method(MAIL, {**QUERY, "collapseThreads": is_flag}, self._query),
            "Email/queryChanges": Method(MAIL, QUERY_CHANGES, cannot_calculate_changes),
            "Email/set": Method(MAIL, SET, self._set),
            "Email/import": Method(MAIL, {"ifInState": is_text, "emails": is_objects}, self._import),
        }

    def _get(self, arguments: Arguments, created: CreatedIds) -> Json:
        """Mails by their ids; all of them at once are too many, as on a Cyrus."""
        if "ids" not in arguments:
            raise MethodError("requestTooLarge")
        check_properties(arguments, lambda name: reader(name) is not None)
        names = dict.fromkeys(["id", *arguments.get("properties", ALL_PROPERTIES)])
        readers = {name: read for name in names if (read := reader(name)) is not None}

        def read_all(email: Email) -> Json:
            return {name: read(email) for name, read in readers.items()}

        return self._type.get(resolve_ids(arguments, created), self._account.emails, read_all)

    def _query(self, arguments: Arguments, _created: CreatedIds) -> Json:
        matches = email_filter(arguments.get("filter"), self._account, self._clock.seconds())
        found = list(filter(matches, self._account.emails.values()))
        for order in reversed([*arguments.get("sort", []), {"property": "receivedAt", "isAscending": False}]):
            if order.get("property") not in _SORT_KEYS:
                raise MethodError("unsupportedSort")
            found.sort(key=_SORT_KEYS[order["property"]], reverse=not order.get("isAscending", True))
        head = {"queryState": self._type.state, "canCalculateChanges": False}
        return head | window([email.id for email in found], arguments, self._type.options.max_query_limit)

    def _set(self, arguments: Arguments, created: CreatedIds) -> Json:
        actions = SetActions(
            create=_refuse_creation,
            update=lambda email_id, patch: self._update(self._known(email_id, created), patch, created),
            destroy=lambda email_id: self._account.remove_email(self._known(email_id, created).id),
        )
        return self._type.set(arguments, actions, created)

    def _update(self, email: Email, patch: Json, created: CreatedIds) -> None:
        filing = Filing(self._account.mailboxes, created, set(email.mailbox_ids), set(email.keywords))
        filing.apply(patch)
        self._account.set_keywords(email.id, filing.keywords)
        self._account.refile(email.id, filing.mailbox_ids)

    def _known(self, email_id: str, created: CreatedIds) -> Email:
        try:
            return self._account.emails[resolve_id(email_id, created)]
        except KeyError as error:
            raise SetError("notFound") from error

    def _import(self, arguments: Arguments, created: CreatedIds) -> Json:
        """Mails from uploaded messages: a set that only creates."""
        if "emails" not in arguments:
            raise invalid_arguments("emails")
        actions = SetActions(create=lambda json: self._import_one(json, created))
        states = {"ifInState": arguments["ifInState"]} if "ifInState" in arguments else {}
        answer = self._type.set({**states, "create": arguments["emails"]}, actions, created)
        return {name: answer[name] for name in ("oldState", "newState", "created", "notCreated")}

    def _import_one(self, json: Json, created: CreatedIds) -> Json:
        unknown = set(json) - {"blobId", "mailboxIds", "keywords", "receivedAt"}
        if unknown:
            raise invalid_properties(*sorted(unknown))
        blob_id = json.get("blobId")
        if blob_id not in self._account.blobs:
            raise SetError("blobNotFound", notFound=[blob_id])
        filing = Filing(self._account.mailboxes, created)
        filing.apply({"mailboxIds": json.get("mailboxIds"), "keywords": json.get("keywords", {})})
        try:
            received_at = seconds_of(json["receivedAt"]) if "receivedAt" in json else None
        except (ValueError, TypeError) as error:
            raise invalid_properties("receivedAt") from error
        data = self._account.blobs[blob_id][1]
        email_id = self._account.deliver(data, filing.mailbox_ids, filing.keywords, received_at)
        email = self._account.emails[email_id]
        return {"id": email.id, "blobId": email.blob_id, "threadId": email.thread_id, "size": len(data)}


def _refuse_creation(_json: Json) -> Json:
    raise SetError("forbidden", description="The sandbox takes new mails by Email/import only.")
