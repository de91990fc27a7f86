"""The page on the architecture tells what there is."""

import ast
import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGE: Final = ROOT / "mailroom"


def told() -> dict[str, str]:
    """What the list of the rooms says of each, by its path in the package."""
    block = re.search(r"^## Rooms\n.*?^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert block is not None
    rows = re.findall(r"^(\S+)  +(\S.*)$", block[1], re.MULTILINE)
    assert len(rows) == len(block[1].splitlines())
    return dict(rows)


def found() -> dict[str, str]:
    """The first line of the docstring of each folder, and of each module beside them."""
    folders = {f"{path.parent.relative_to(PACKAGE)}/": path for path in PACKAGE.glob("**/__init__.py")}
    del folders["./"]
    modules = {path.name: path for path in PACKAGE.glob("*.py") if path.name != "__init__.py"}
    texts = {name: path.read_text(encoding="utf-8") for name, path in {**modules, **folders}.items()}
    return {name: (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0] for name, text in texts.items()}


def test_the_list_of_the_rooms_is_true() -> None:
    """Each folder and each module beside them has its line, which is what it says of itself; there are no others."""
    assert told() == found()


def test_the_list_of_the_rooms_fits_a_page() -> None:
    """Whoever is new reads it in one look."""
    assert len(told()) <= 40
