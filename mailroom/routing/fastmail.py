"""The rules as Fastmail's Settings, Filters & Rules, Import takes them. No I/O.

Fastmail gives API clients no Sieve. It applies its rules in their order: a mail gets the labels of all that match, and
leaves the Inbox if any of them says so.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from mailroom.core.config import MailroomSettings
from mailroom.routing.rules import Rule, routing_rules

Json = dict[str, Any]


def mail_rules(settings: MailroomSettings, now: datetime) -> list[Json]:
    """The contents of a mailrules.json, in Fastmail's order: the categories, and the screener last.

    Everything goes by name, so the mailboxes and groups need not be there yet.
    """
    rules = routing_rules(settings.categories)
    in_inbox = {rule.category.name for rule in rules if rule.adds_to_inbox}
    screener = settings.screener_mailbox
    described = [described for rule in rules for described in _described(rule, in_inbox)]
    described.append(_rule(screener, "NOT fromin:contacts", screener, skip_inbox=True, stop=True))
    timestamp = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [rule | {"created": timestamp, "updated": timestamp, "previousFileInName": None} for rule in described]


def instructions(settings: MailroomSettings) -> tuple[str, ...]:
    """The same for a person to enter by hand, a step a line."""
    steps = ["In Fastmail, open Settings, Filters & Rules, and create these rules, in this order."]
    for rule in mail_rules(settings, datetime.fromtimestamp(0, UTC)):
        label = [f'add the label "{rule["fileIn"]}"'] if rule["fileIn"] else []
        inbox = ["archive (remove from Inbox)"] if rule["skipInbox"] else []
        following = "stop applying rules" if rule["stop"] else "continue to apply other rules"
        actions = ", ".join([*label, *inbox, following])
        steps.append(f'"{rule["name"]}": for mail that matches the search {rule["search"]}: {actions}.')
    return tuple(steps)


def _described(rule: Rule, in_inbox: Collection[str]) -> list[Json]:
    """Mail from the group gets the category's label, and is archived too unless it stays in the Inbox.

    What one rule archives no other puts back. So where a category below leaves mail in the Inbox, archiving takes a
    rule of its own, for those whose own category is this one.
    """
    category = rule.category
    search = _from_group(category.contact_group)
    staying = [child for child in rule.children if child.name in in_inbox]
    if rule.adds_to_inbox or not staying:
        return [_rule(category.name, search, category.destination_mailbox, skip_inbox=not rule.adds_to_inbox)]
    others = " ".join(f"NOT {_from_group(child.contact_group)}" for child in staying)
    return [
        _rule(category.name, search, category.destination_mailbox, skip_inbox=False),
        _rule(f"{category.name}, out of the Inbox", f"{search} {others}", None, skip_inbox=True),
    ]


def _from_group(group: str) -> str:
    escaped = group.replace("\\", "\\\\").replace('"', '\\"')
    return f'fromin:"{escaped}"'


def _rule(name: str, search: str, file_in: str | None, *, skip_inbox: bool, stop: bool = False) -> Json:
    return {
        "name": name,
        "search": search,
        "combinator": "all",
        "conditions": None,
        "markRead": False,
        "markFlagged": False,
        "showNotification": False,
        "redirectTo": None,
        "fileIn": file_in,
        "skipInbox": skip_inbox,
        "snoozeUntil": None,
        "discard": False,
        "markSpam": False,
        "stop": stop,
    }
