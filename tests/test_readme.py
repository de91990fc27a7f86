"""The README tells what there is."""

import re
from pathlib import Path

import pytest

from mailroom.__main__ import COMMANDS
from mailroom.core.categories import DEFAULT_CATEGORIES, Category
from mailroom.core.config import MailroomSettings
from mailroom.polling.report import Trigger
from mailroom.push.status import StreamState

TESTS = Path(__file__).parent
README = (TESTS.parent / "README.md").read_text(encoding="utf-8")
ROWS = {
    name: row[1].strip()
    for row in re.findall(r"^\| (`[^|]+) \|([^|]*)\|", README, re.MULTILINE)
    for name in re.findall(r"`(\w+)`", row[0])
}


@pytest.mark.parametrize("name", sorted(MailroomSettings.model_fields.keys() - {"config"}))
def test_every_setting_has_its_row_and_its_default(name: str) -> None:
    """Nobody has to read the code to know a setting, and no default is told wrongly."""
    default = MailroomSettings.model_fields[name].default
    told = {None: "", DEFAULT_CATEGORIES: "see below", True: "`true`", False: "`false`", (): ""}
    assert ROWS[name] == told.get(default, f"`{default}`")


@pytest.mark.parametrize("word", [*StreamState, *Trigger])
def test_every_word_of_healthz_is_explained(word: str) -> None:
    """A person who looks at /healthz finds its words here."""
    assert f"`{word}`" in README


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_listed(command: str) -> None:
    """A person who looks for what Mailroom can do finds it here."""
    assert f"| `mailroom {command}" in README


@pytest.mark.parametrize("category", list(DEFAULT_CATEGORIES), ids=lambda category: category.name)
def test_what_the_account_needs_is_listed(category: Category) -> None:
    """With the default settings, a newcomer knows which mailboxes and labels to make."""
    assert f"`{category.label}`" in README
    assert f"`{category.destination_mailbox}`" in README


@pytest.mark.parametrize(
    ("section", "module"),
    [
        ("How it files", "triage/test_how_it_files.py"),
        ("Where new mail goes", "integration/test_where_new_mail_goes.py"),
    ],
)
def test_every_rule_has_a_test_named_after_it(section: str, module: str) -> None:
    """What the first table of the section promises is proved row by row, in the same order."""
    text = README.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    table = text.partition("\n|---|---|\n")[2].partition("\n\n")[0]
    rules = [row.split("|")[1] for row in table.splitlines()]
    names = [re.sub(r"\W+", "_", re.sub(r"[`']", "", rule.lower())).strip("_") for rule in rules]
    assert re.findall(r"def test_(\w+)\(", (TESTS / module).read_text(encoding="utf-8")) == names != []
