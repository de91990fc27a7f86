"""Mailroom's script as a part of the user's own (RFC 6609). No I/O."""

import re
from typing import Final

from mailroom.routing.sieve_syntax import quoted

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|#[^\n]*|/\*.*?\*/|[:\w]+|\S', re.DOTALL)


def include_lines(name: str) -> tuple[str, str]:
    """What the user's own script needs, so that the server runs ours with it: a `require` at its top, and the line."""
    return 'require ["include"];', f"include :personal {quoted(name)};"


def includes(script: str, name: str) -> bool:
    """Whether a script includes the personal script of this name. Comments do not."""
    tokens = [token for token in _TOKEN.findall(script) if not token.startswith(("#", "/*"))]
    statements = " ".join(tokens).split(";")
    return any(_is_inclusion(statement.split(), quoted(name)) for statement in statements)


def _is_inclusion(words: list[str], name: str) -> bool:
    if not words or words[-1] != name or "include" not in words:
        return False
    return ":global" not in words[words.index("include") :]
