"""Scripts of other authors."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.routing import sieve_reader
from mailroom.routing.sieve_reader import Arguments, Command, NotSieve, read_script
from mailroom.routing.sieve_syntax import quoted


def argument(text: str) -> str:
    """The one string that a script with one command has."""
    (command,) = read_script(text)
    return command.arguments.strings[0][0]


def test_commands_with_blocks_and_tests() -> None:
    """Names are the same in any case, and comments stand anywhere."""
    script = 'IF anyof (Size :Over 1K, not /* x */ exists ["a", "b"]) { Stop; # y\n}'
    size = sieve_reader.Test("size", Arguments(tags=(":over",)))
    exists = sieve_reader.Test("exists", Arguments(strings=(("a", "b"),)))
    tests = (size, sieve_reader.Test("not", Arguments(tests=(exists,))))
    condition = Arguments(tests=(sieve_reader.Test("anyof", Arguments(tests=tests)),))
    assert read_script(script) == (Command("if", condition, (Command("stop", Arguments(), None),)),)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_quoted_strings_are_read_back(text: str) -> None:
    """Also with quotes, backslashes and line ends in them (RFC 5228 section 2.4.2)."""
    assert argument(f"keep {quoted(text)};") == text


@given(st.lists(st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]))))
def test_multi_line_strings_are_read_back(lines: list[str]) -> None:
    """A dot at the beginning of a line is doubled, and one by itself is the end."""
    text = "".join(f"{line}\r\n" for line in lines)
    stuffed = re.sub(r"^\.", "..", text, flags=re.MULTILINE)
    assert argument(f"keep text:\r\n{stuffed}.\r\n;") == text


@pytest.mark.parametrize(
    "text", ["keep", "keep }", "{", 'keep "', "/*", "text:", "keep text:\nx\n;", "if (", "keep [;"]
)
def test_what_is_no_script(text: str) -> None:
    """It is said, whatever is wrong with it."""
    with pytest.raises(NotSieve):
        read_script(text)


def test_deep_nesting_is_no_danger() -> None:
    """It ends with the same error as everything else."""
    with pytest.raises(NotSieve, match="nested"):
        read_script("if true {" * 5000)
