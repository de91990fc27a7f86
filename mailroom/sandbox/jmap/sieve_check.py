"""What a server says about a Sieve script that it is given (RFC 5228). A rough check: words, brackets, extensions."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

from mailroom.sandbox.options import SieveOptions

_TOKEN: Final = re.compile(
    r'\s+|#[^\n]*|/\*.*?\*/|(?P<string>"(?:[^"\\]|\\.)*")|(?P<word>:?[A-Za-z_]\w*)|(?P<mark>[][(){},;])|\d+[KMG]?|(?P<other>.)',
    re.DOTALL,
)
_BRACKETS: Final = {")": "(", "]": "[", "}": "{"}
_CONTROLS: Final = ("require", "if", "elsif", "else", "stop", "keep", "discard", "redirect")
_TESTS: Final = ("address", "header", "exists", "size", "true", "false", "not", "anyof", "allof")
_TAGS: Final = (":is", ":contains", ":matches", ":all", ":domain", ":localpart")
_WORDS: Final = frozenset({*_CONTROLS, *_TESTS, *_TAGS})
_EXTENSION_WORDS: Final = {
    "fileinto": "fileinto",
    ":mailboxid": "mailboxid",
    ":list": "extlists",
    "include": "include",
    ":personal": "include",
    "jmapquery": "vnd.cyrus.jmapquery",
    ":copy": "copy",
}


class InvalidScript(Exception):
    """The script is not one, for a reason in a server's words."""


def check_script(text: str, options: SieveOptions) -> None:
    """Raise InvalidScript for what a server would not run."""
    required: set[str] = set()
    expects: str | None = None
    for line, kind, lexeme in _balanced(_tokens(text)):
        if kind == "word":
            expects = lexeme if lexeme in {"require", "jmapquery"} else None
            if lexeme not in _WORDS and _EXTENSION_WORDS.get(lexeme) not in required:
                raise InvalidScript(f"line {line}: syntax error\r\n")
        elif kind == "string" and expects == "require":
            required.add(_offered(_value(lexeme), options, line))
        elif kind == "string" and expects == "jmapquery":
            _check_query(_value(lexeme), options, line)
            expects = None
        elif lexeme == ";":
            expects = None


def _tokens(text: str) -> Iterator[tuple[int, str, str]]:
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "other":
            raise InvalidScript(f"line {line}: syntax error\r\n")
        if match.lastgroup is not None:
            yield line, match.lastgroup, match[0]
        line += match[0].count("\n")


def _balanced(tokens: Iterable[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
    """The tokens, whose brackets must fit together; a statement ends before its block does."""
    open_brackets: list[str] = []
    line, last = 1, ";"
    for line, kind, lexeme in tokens:
        if lexeme in _BRACKETS.values():
            open_brackets.append(lexeme)
        elif lexeme in _BRACKETS and (not open_brackets or open_brackets.pop() != _BRACKETS[lexeme]):
            raise InvalidScript(f"line {line}: syntax error\r\n")
        last = lexeme
        yield line, kind, lexeme
    if open_brackets or last not in {";", "}"}:
        raise InvalidScript(f"line {line}: syntax error, unexpected end of file\r\n")


def _value(string: str) -> str:
    return re.sub(r"\\(.)", r"\1", string[1:-1], flags=re.DOTALL)


def _offered(extension: str, options: SieveOptions, line: int) -> str:
    if extension not in options.extensions:
        raise InvalidScript(f'line {line}: Unsupported feature(s) in "require": "{extension}"\r\n')
    return extension


def _check_query(text: str, options: SieveOptions, line: int) -> None:
    try:
        query = json.loads(text)
    except ValueError as error:
        raise InvalidScript(f"line {line}: invalid jmapquery format\r\n") from error
    for name in query:
        if name not in {"fromAnyContact", options.group_filter}:
            raise InvalidScript(f"line {line}: invalid jmapquery argument: '{name}'\r\n")
