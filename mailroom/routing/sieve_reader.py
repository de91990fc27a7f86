"""Scripts of other authors, read by the grammar of RFC 5228 section 8. No I/O.

sievelib on PyPI was tried instead: it refuses `include :personal "a";` and every extension that it does not know, so it
could not read what people have.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MAX_DEPTH: Final = 50
"""How deep blocks and tests may be nested: servers allow less, and the reader calls itself for each level."""
_TOKEN: Final = re.compile(
    r"""
      (?P<blank>    [ \t\r\n]+ | \#[^\n]* | /\*.*?\*/ )
    | (?P<text>     text:[ \t]*(?:\#[^\n]*|\r?)\n (?P<lines>(?:(?!\.\r?\n)[^\n]*\n)*) \.\r?\n )
    | (?P<string>   "(?P<inner>(?:[^"\\]|\\.)*)" )
    | (?P<tag>      :[a-z_]\w* )
    | (?P<name>     [a-z_]\w* )
    | (?P<number>   \d+[kmg]? )
    | (?P<mark>     [][(){},;] )
    """,
    re.DOTALL | re.IGNORECASE | re.VERBOSE | re.ASCII,
)
_DOT_STUFFED: Final = re.compile(r"^\.\.", re.MULTILINE)
_QUOTED_PAIR: Final = re.compile(r"\\(.)", re.DOTALL)


class NotSieve(Exception):
    """The text is no script by the grammar."""


@dataclass(frozen=True, slots=True)
class Test:
    """A test: its name in lower case, and its arguments."""

    name: str
    arguments: "Arguments"


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name in lower case, its arguments, and the commands of its block; None where it has no block."""

    name: str
    arguments: "Arguments"
    block: "tuple[Command, ...] | None"


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stands behind a name. `tags` are in lower case; a string by itself is a list of one (section 2.4.2.1)."""

    tags: tuple[str, ...] = ()
    strings: tuple[tuple[str, ...], ...] = ()
    tests: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: str


def read_script(text: str) -> tuple[Command, ...]:
    """The commands of a script; `NotSieve` if it has another form. Which commands there are is not looked at."""
    if "\0" in text:  # which no script may hold anywhere, and some servers take for its end
        raise NotSieve("it holds a NUL")
    reader = _Reader(text)
    commands = reader.commands()
    reader.expect("end")
    return commands


class _Reader:
    """Takes the tokens one after the other, and looks at the next one only."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._next = next(self._tokens)
        self._depth = 0

    def commands(self) -> tuple[Command, ...]:
        found = []
        while self._next.kind == "name":
            found.append(self._command())
        return tuple(found)

    def expect(self, kind: str) -> str:
        """The value of the next token, which must be of this kind."""
        token = self._next
        if token.kind != kind:
            raise NotSieve(f"{kind} expected, but there is {token.value or 'nothing'}")
        if kind != "end":
            self._next = next(self._tokens)
        return token.value

    def _command(self) -> Command:
        name = self.expect("name").lower()
        arguments = self._arguments()
        if not self._skip("{"):
            self.expect(";")
            return Command(name, arguments, None)
        self._enter()
        block = self.commands()
        self._leave("}")
        return Command(name, arguments, block)

    def _arguments(self) -> Arguments:
        tags: list[str] = []
        strings: list[tuple[str, ...]] = []
        while self._next.kind in {"tag", "number", "string", "["}:
            if self._next.kind == "tag":
                tags.append(self.expect("tag").lower())
            elif not self._skip("number"):
                strings.append(self._strings())
        return Arguments(tuple(tags), tuple(strings), self._tests())

    def _strings(self) -> tuple[str, ...]:
        if not self._skip("["):
            return (self.expect("string"),)
        strings = [self.expect("string")]
        while self._skip(","):
            strings.append(self.expect("string"))
        self.expect("]")
        return tuple(strings)

    def _tests(self) -> tuple[Test, ...]:
        if self._next.kind == "name":
            return (self._test(),)
        if not self._skip("("):
            return ()
        tests = [self._test()]
        while self._skip(","):
            tests.append(self._test())
        self.expect(")")
        return tuple(tests)

    def _test(self) -> Test:
        self._enter()
        test = Test(self.expect("name").lower(), self._arguments())
        self._depth -= 1
        return test

    def _skip(self, kind: str) -> bool:
        if self._next.kind != kind:
            return False
        self.expect(kind)
        return True

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NotSieve("it is nested too deeply")

    def _leave(self, mark: str) -> None:
        self.expect(mark)
        self._depth -= 1


def _tokens(text: str) -> Iterator[_Token]:
    """The tokens (section 8.1), and one of the kind `end`. A mark is its own kind, and both kinds of string are one."""
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise NotSieve(f"no script goes on with {text[place : place + 10]!r}")
        place = match.end()
        kind = str(match.lastgroup)
        if match["text"] is not None:
            yield _Token("string", _DOT_STUFFED.sub(".", match["lines"]))
        elif match["string"] is not None:
            yield _Token("string", _QUOTED_PAIR.sub(r"\1", match["inner"]))
        elif kind != "blank":
            yield _Token(match[0] if kind == "mark" else kind, match[0])
    yield _Token("end", "")
