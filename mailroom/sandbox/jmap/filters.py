"""Filters of queries, made into predicates (RFC 8620 section 5.5)."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, TypeVar

from mailroom.sandbox.errors import invalid_arguments
from mailroom.sandbox.store.account import Account, Email, Mailbox
from mailroom.sandbox.store.address_book import BOOK_ID, Card
from mailroom.sandbox.store.dates import seconds_of
from mailroom.sandbox.store.words import text_test, words

_Record = TypeVar("_Record")
Filter = Callable[[_Record], bool]
Condition = Callable[[Any], Filter[_Record]]
"""Makes the predicate for one property; a value that it cannot have raises ValueError, KeyError or TypeError."""


def compiled(tree: Any, conditions: Mapping[str, Condition[_Record]], path: str = "filter") -> Filter[_Record]:
    """The predicate for a filter: operators down to conditions, whose properties must all match."""
    if tree is None:
        return lambda _record: True
    if not isinstance(tree, dict):
        raise invalid_arguments(path)
    if "operator" in tree:
        return _operator(tree, conditions, path)
    tests = [_condition(name, value, conditions, path) for name, value in tree.items()]
    return tests[0] if len(tests) == 1 else lambda record: all(test(record) for test in tests)


def _operator(tree: dict[str, Any], conditions: Mapping[str, Condition[_Record]], path: str) -> Filter[_Record]:
    parts = tree.get("conditions")
    if not isinstance(parts, list):
        raise invalid_arguments(f"{path}/conditions")
    tests = [compiled(part, conditions, f"{path}/conditions[{index}]") for index, part in enumerate(parts)]
    match tree["operator"]:
        case "AND":  # without conditions nothing matches, which is a Cyrus's reading of it
            return lambda record: bool(tests) and all(test(record) for test in tests)
        case "OR":
            return lambda record: any(test(record) for test in tests)
        case "NOT":
            return lambda record: not any(test(record) for test in tests)
        case _:
            raise invalid_arguments(f"{path}/operator")


def _condition(name: str, value: Any, conditions: Mapping[str, Condition[_Record]], path: str) -> Filter[_Record]:
    try:
        return conditions[name](value)
    except (KeyError, TypeError, ValueError) as error:
        raise invalid_arguments(f"{path}/{name}") from error


def mailbox_filter(tree: Any) -> Filter[Mailbox]:
    return compiled(
        tree,
        {
            "name": lambda text: lambda box: text.casefold() in box.name.casefold(),
            "parentId": lambda parent_id: lambda box: box.parent_id == parent_id,
            "role": lambda role: lambda box: box.role == role,
            "hasAnyRole": lambda wanted: lambda box: (box.role is not None) == wanted,
            "isSubscribed": lambda wanted: lambda box: box.is_subscribed == wanted,
        },
    )


def email_filter(tree: Any, account: Account, now: float) -> Filter[Email]:
    """The predicate for mails. What the text filters have not indexed yet at `now` they do not find."""

    def known(mailbox_id: str) -> str:
        return account.mailboxes[mailbox_id].id

    def in_mailbox(mailbox_id: str) -> Filter[Email]:
        ids = account.mailboxes[mailbox_id].email_ids
        return lambda email: email.id in ids

    def in_other_than(mailbox_ids: list[str]) -> Filter[Email]:
        excluded = set(map(known, mailbox_ids))
        return lambda email: bool(email.mailbox_ids - excluded)

    def indexed(field: str) -> Condition[Email]:
        def condition(text: str) -> Filter[Email]:
            matches = text_test(_text(text))
            return lambda email: email.indexed_at <= now and matches(email.words[field])

        return condition

    def received(compare: Callable[[float, float], bool]) -> Condition[Email]:
        def condition(date: str) -> Filter[Email]:
            limit = seconds_of(date)
            return lambda email: compare(email.received_at, limit)

        return condition

    return compiled(
        tree,
        {
            "inMailbox": in_mailbox,
            "inMailboxOtherThan": in_other_than,
            "from": indexed("from"),
            "subject": indexed("subject"),
            "text": indexed("text"),
            "header": _header(account),
            "hasKeyword": lambda keyword: lambda email: keyword in email.keywords,
            "notKeyword": lambda keyword: lambda email: keyword not in email.keywords,
            "before": received(lambda received_at, limit: received_at < limit),
            "after": received(lambda received_at, limit: received_at >= limit),
        },
    )


def _header(account: Account) -> Condition[Email]:
    """A substring of a header, decoded and without its quotes; or its mere presence."""

    @cache  # many conditions may look at one header, which takes long to decode
    def texts_of(email_id: str, name: str) -> list[str]:
        return [_unquoted(text).casefold() for text in account.emails[email_id].message.texts(name)]

    def condition(sought: list[str]) -> Filter[Email]:
        name, *texts = sought
        if not texts:
            return lambda email: bool(email.message.raw_values(name))
        text = _text(*texts).casefold()
        if not text:
            raise ValueError(sought)
        return lambda email: any(text in value for value in texts_of(email.id, name))

    return condition


def _unquoted(text: str) -> str:
    return text.replace('"', "").replace("\\", "")


_KIND: Final = "kind"


def card_filter(tree: Any, *, kind_rules: bool) -> Filter[Card]:
    """The predicate for cards. With `kind_rules`, the last "kind" anywhere in the tree rules all of it."""
    matches: Filter[Card] = compiled(
        tree,
        {
            "inAddressBook": lambda book_id: {BOOK_ID: lambda _card: True}[book_id],
            "uid": lambda uid: lambda card: card.uid == uid,
            "hasMember": lambda uid: lambda card: uid in card.members,
            _KIND: lambda kind: lambda card: card.json.get(_KIND) == kind,
            "name": lambda text: _word_filter(text, lambda card: [card.full_name]),
            "email": lambda text: _word_filter(text, lambda card: card.addresses),
            "text": lambda text: _word_filter(text, lambda card: [card.full_name, *card.addresses, *card.notes]),
        },
    )
    kinds = _kinds(tree) if kind_rules else []
    return lambda card: (not kinds or card.json.get(_KIND) == kinds[-1]) and matches(card)


def _word_filter(sought: str, texts: Callable[[Card], list[str]]) -> Filter[Card]:
    """All words, in any order, wherever they are: `com example bob` finds bob+tag@example.com."""
    wanted = words(_text(sought))
    return lambda card: bool(wanted) and wanted <= words(" ".join(texts(card)))


def _kinds(tree: Any) -> list[str]:
    if not isinstance(tree, dict):
        return []
    nested = [kind for part in tree.get("conditions", ()) for kind in _kinds(part)]
    return [*nested, tree[_KIND]] if _KIND in tree else nested


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
