"""The rules as Fastmail imports them."""

from datetime import UTC, datetime
from typing import Any

from mailroom.core.categories import Categories, Category
from mailroom.routing.fastmail import instructions, mail_rules
from mailroom.sandbox.settings import SandboxSettings

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEYS = [
    *("name", "search", "combinator", "conditions", "markRead", "markFlagged", "showNotification", "redirectTo"),
    *("fileIn", "skipInbox", "snoozeUntil", "discard", "markSpam", "stop", "created", "updated", "previousFileInName"),
]


def rules(*categories: Category) -> list[dict[str, Any]]:
    settings = SandboxSettings(categories=Categories(categories)) if categories else SandboxSettings()
    return mail_rules(settings, NOON)


def test_each_rule_has_every_key() -> None:
    """An import takes no less."""
    assert all(list(rule) == KEYS for rule in rules())


def test_what_a_rule_says() -> None:
    """Mail from the group gets the label and leaves the Inbox, and the next rules apply too."""
    (rule, _screener) = rules(Category("Paper Trail"))
    said = {
        "name": "Paper Trail",
        "search": 'fromin:"Paper Trail"',
        "combinator": "all",
        "fileIn": "Paper Trail",
        "skipInbox": True,
        "stop": False,
        "created": "2026-11-24T12:00:00Z",
    }
    assert rule.items() >= said.items()
    assert not any(rule[key] for key in ("conditions", "redirectTo", "snoozeUntil", "discard", "markSpam", "markRead"))


def test_the_screener_comes_last() -> None:
    """Whoever is no contact is screened."""
    screener = rules()[-1]
    assert (screener["search"], screener["fileIn"], screener["skipInbox"]) == (
        "NOT fromin:contacts",
        "Screener",
        True,
    )
    assert not any(rule["stop"] for rule in rules()[:-1])


def test_a_child_takes_mail_out_of_the_inbox() -> None:
    """The parent leaves it there, and the child's rule archives it."""
    parent, child, _screener = rules(Category("Imbox", add_to_inbox=True), Category("Person", parent="Imbox"))
    assert (parent["skipInbox"], child["skipInbox"]) == (False, True)


def test_a_child_keeps_mail_in_the_inbox() -> None:
    """The parent may not archive its mail: that takes a rule for the parent's own members."""
    filing, archiving, child, _screener = rules(Category("News"), Category("Urgent", parent="News", add_to_inbox=True))
    assert (filing["fileIn"], filing["skipInbox"], child["skipInbox"]) == ("News", False, False)
    assert (archiving["search"], archiving["fileIn"], archiving["skipInbox"]) == (
        'fromin:"News" NOT fromin:"Urgent"',
        None,
        True,
    )


def test_a_quote_in_a_name() -> None:
    """It does not end the search term."""
    assert rules(Category('The "Daily"'))[0]["search"] == r'fromin:"The \"Daily\""'


def test_instructions_name_every_rule() -> None:
    """A person who rather types finds a step for each, with what it searches for."""
    steps = "\n".join(instructions(SandboxSettings()))
    assert all(rule["search"] in steps and f'"{rule["name"]}"' in steps for rule in rules())
