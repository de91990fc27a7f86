"""What surrounds the code says the same as the code."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from mailroom import __version__

ROOT: Final = Path(__file__).parent.parent
DOCUMENTS: Final = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE: Final = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS: Final = set(re.findall(r"^(\w+):", MAKEFILE, re.MULTILINE))
OLDEST_PYTHON: Final = PROJECT["project"]["requires-python"].removeprefix(">=")

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)


def read_yaml(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def dry_run(*arguments: str) -> str:
    """What make would do on a fresh clone, where an interpreter of that name has no environment yet."""
    command = [shutil.which("make") or "make", "--dry-run", *arguments, "PYTHON=python-to-be"]
    environment = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


@each_document
def test_links_lead_somewhere(document: Path) -> None:
    """Whoever follows a link from one document to another finds it."""
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


@each_document
def test_modules_that_are_named_are_there(document: Path) -> None:
    """A module that was renamed is renamed in the documents too."""
    named = re.findall(r"`([\w/]+\.py)`", document.read_text(encoding="utf-8"))
    assert [name for name in named if not any((root / name).exists() for root in (ROOT, ROOT / "mailroom"))] == []


@each_document
def test_make_knows_what_it_is_said_to_do(document: Path) -> None:
    """Every `make something` is a target."""
    assert set(re.findall(r"(?:`|^)make (\w+)", document.read_text(encoding="utf-8"), re.MULTILINE)) <= TARGETS


@each_document
def test_twistd_is_shown_without_a_pid_file(document: Path) -> None:
    """It keeps a container from starting again, and a read-only file system from starting at all."""
    shown = re.findall(r"(?:`|^ *)(twistd .*\bmailroom\b)", document.read_text(encoding="utf-8"), re.MULTILINE)
    assert [command for command in shown if "--pidfile=" not in command] == []


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_every_target_is_explained(target: str) -> None:
    """Whoever contributes knows what there is to run."""
    assert f"| `make {target}` |" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_demo_waits_for_no_tools() -> None:
    """Neither linters nor test tools are installed for somebody who wants to see Mailroom at work."""
    assert "--group" not in dry_run("demo")


@pytest.mark.parametrize("target", ["demo", "test", "unit", "coverage"])
def test_each_interpreter_has_an_environment_of_its_own(target: str) -> None:
    """What was asked to run with one interpreter never runs in the environment of another."""
    assert set(re.findall(r"\.venv[\w-]*", dry_run(target))) == {".venv-python-to-be"}


def test_the_version_has_its_entry() -> None:
    """A release tells what is new in it, and what comes after it has a place to be told."""
    headings = re.findall(r"^## \[([^]]+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert __version__ in headings


def test_the_hooks_check_what_make_test_checks() -> None:
    """A commit that passes the hooks is not refused for its style or its types."""
    hooks = [
        hook["entry"]
        for repo in read_yaml(".pre-commit-config.yaml")["repos"]
        for hook in repo["hooks"]
        if "entry" in hook
    ]
    checks = re.findall(r"^\t\$\(BIN\)/((?:ruff|mypy)\b[ \w]*)", MAKEFILE, re.MULTILINE)
    assert [hook.removeprefix(".venv/bin/").partition(" --")[0] for hook in hooks] == [
        check.strip() for check in checks
    ]


def test_the_oldest_python_is_the_same_everywhere() -> None:
    """What is promised is what is tested, and what make and ruff go by."""
    tested = read_yaml(".github/workflows/ci.yml")["jobs"]["versions"]["strategy"]["matrix"]["python"]
    assert tested[0] == OLDEST_PYTHON
    assert f"({OLDEST_PYTHON.replace('.', ', ')})" in MAKEFILE
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{OLDEST_PYTHON.replace('.', '')}"
