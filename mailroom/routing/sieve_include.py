"""Mailroom's script as a part of the user's own (RFC 6609). No I/O."""

import re
from itertools import takewhile
from typing import Final

from mailroom.routing.sieve_syntax import quoted

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|#[^\n]*|/\*.*?\*/|[:\w]+|\S', re.DOTALL)


def include_lines(name: str) -> tuple[str, str]:
    """What the user's own script needs, so that the server runs ours with it: a `require` at its top, and the line."""
    return 'require ["include"];', f"include :personal {quoted(name)};"


def includes(script: str, name: str) -> bool:
    """Whether a script includes the personal script of this name. Comments do not."""
    words = [word for word in _TOKEN.findall(script) if not word.startswith(("#", "/*"))]
    inclusions = (words[place + 1 :] for place, word in enumerate(words) if word.lower() == "include")
    return any(_names(list(takewhile(lambda word: word != ";", rest)), name) for rest in inclusions)


def _names(arguments: list[str], name: str) -> bool:
    """Whether the arguments of an include mean this script: a personal one, unless they say otherwise."""
    return arguments[-1:] == [quoted(name)] and ":global" not in map(str.lower, arguments)
