"""Text from anywhere, made fit to be shown."""

from typing import Final

MAX_QUOTED: Final = 200
"""How many characters of somebody else's words are told."""


def one_line(text: str) -> str:
    """The text with its control characters escaped.

    The sender of a mail can then neither forge a line of a log or a table, nor talk to a terminal.
    """
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


def counted(count: int, noun: str) -> str:
    """So many of something: `0 mails`, `1 mail`, `2 mails`. Nouns whose plural is another are none for this."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def quotation(said: str | bytes) -> str:
    """What a server said, for a message: short, on one line, and with a mark in place of what cannot be printed."""
    if isinstance(said, bytes):
        # A character has four octets at most: a body may be megabytes, of which no more is looked at than is told.
        said = said[: 4 * MAX_QUOTED].decode("utf-8", "replace")
    line = " ".join(said.split())[:MAX_QUOTED]
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in line)
