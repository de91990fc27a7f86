"""What people install holds what people run."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel of this source tree."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (file,) = target.glob("mailroom-*.whl")
    return ZipFile(file)


def test_it_holds_every_module(wheel: ZipFile) -> None:
    """And the marker that there are types in it."""
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "mailroom").rglob("*.py")}
    assert modules | {"mailroom/py.typed"} <= set(wheel.namelist())


def test_it_holds_the_plugin(wheel: ZipFile) -> None:
    """Without it, twistd would not know of Mailroom, while an editable install would."""
    assert "twisted/plugins/mailroom_plugin.py" in wheel.namelist()


def test_it_makes_no_package_of_twisteds_folders(wheel: ZipFile) -> None:
    """Twisted ignores plugin folders that have an `__init__.py`, and two packages would own the file."""
    assert not {"twisted/__init__.py", "twisted/plugins/__init__.py"} & set(wheel.namelist())


def test_it_holds_nothing_else(wheel: ZipFile) -> None:
    """Neither tests nor what running twist leaves behind."""
    others = {name for name in wheel.namelist() if not name.startswith("mailroom")}
    assert others == {"twisted/plugins/mailroom_plugin.py"}


def test_it_has_the_command(wheel: ZipFile) -> None:
    """`mailroom`, wherever it is installed."""
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt"))
    assert wheel.read(name).decode() == "[console_scripts]\nmailroom = mailroom.__main__:main\n"
