"""Mailroom's script as a part of the user's own (RFC 6609). No I/O."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from mailroom.routing.sieve_reader import Command, NotSieve, Test, read_script
from mailroom.routing.sieve_syntax import quoted

_LOCATIONS: Final = frozenset({":personal", ":global"})
_INCLUDE_TAGS: Final = _LOCATIONS | {":once", ":optional"}
_ENDS: Final = frozenset({"stop", "return", "error"})
_GOES_ON: Final = frozenset(
    {
        *("require", "keep", "discard", "redirect", "fileinto", "reject", "ereject", "vacation", "notify", "denotify"),
        *("set", "global", "setflag", "addflag", "removeflag", "addheader", "deleteheader", "snooze"),
    }
)
"""Commands after which a script goes on (RFC 5228, 5229, 5230, 5232, 5293, 5429, 5435, 6609, Cyrus): who knows what
others do."""


class Inclusion(IntEnum):
    """Whether a server that follows a script runs another one with it."""

    NO = 0
    UNCERTAIN = 1
    """For some mail only, or in a way that is not understood here."""
    YES = 2
    """For every mail."""


def include_lines(name: str) -> tuple[str, str]:
    """What the user's own script needs, so that the server runs ours with it: a `require` at its top, and the line."""
    return 'require ["include"];', f"include :personal {quoted(name)};"


def inclusion(script: str, name: str) -> Inclusion:
    """Whether a script that is followed includes the personal script of this name.

    Yes means that every mail comes to the line: it stands outside all blocks, or in one that is always entered, and
    nothing before it may end the script.
    """
    if "include" not in script.lower():
        return Inclusion.NO
    try:
        commands = read_script(script)
    except NotSieve:
        return Inclusion.UNCERTAIN
    required = {text for each in commands if each.name == "require" for some in each.arguments.strings for text in some}
    walk = _Walk(name)
    walk.through(commands, Inclusion.YES)
    return walk.found if "include" in required else min(walk.found, Inclusion.UNCERTAIN)


class _Walk:
    """Goes through a script as a server does, without a mail.

    An `Inclusion` also tells whether a place is reached: whatever stands there is done for every mail, for some, or for
    none.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.found = Inclusion.NO

    def through(self, commands: Iterable[Command], reached: Inclusion) -> Inclusion:
        """Whether the end of the commands is reached, if their beginning is `reached`."""
        chain: list[Command] = []
        for command in (*commands, None):
            if chain and (command is None or command.name not in {"elsif", "else"}):
                reached, chain = self._through_chain(chain, reached), []
            if command is None or reached is Inclusion.NO:
                break
            if command.name in {"if", "elsif", "else"}:
                chain.append(command)
            else:
                reached = self._past(command, reached)
        return reached

    def _through_chain(self, chain: Iterable[Command], reached: Inclusion) -> Inclusion:
        """As `through`, for an `if` with what belongs to it."""
        waiting, goes_on, ends = reached, True, []
        for command in chain:
            verdict = True if command.name == "else" else _constant(command.arguments.tests)
            entered = waiting if verdict is True else min(waiting, Inclusion.UNCERTAIN)
            entered = Inclusion.NO if verdict is False else entered
            ends.append(self.through(command.block or (), entered))
            goes_on = goes_on and ends[-1] is entered
            waiting = waiting if verdict is False else Inclusion.NO if verdict else min(waiting, Inclusion.UNCERTAIN)
        return reached if goes_on else min(max(*ends, waiting), Inclusion.UNCERTAIN)

    def _past(self, command: Command, reached: Inclusion) -> Inclusion:
        """Whether what follows is reached."""
        if command.name in _ENDS:
            return Inclusion.NO
        if command.name == "include":
            self.found = max(self.found, min(reached, _means(command, self._name)))
        elif command.block is not None:
            self.through(command.block, min(reached, Inclusion.UNCERTAIN))
        elif command.name in _GOES_ON:
            return reached
        # What is included may end the script, and so may what is not known here.
        return min(reached, Inclusion.UNCERTAIN)


def _means(command: Command, name: str) -> Inclusion:
    """Whether an include means the personal script of this name; `:personal` is the default (RFC 6609 section 3.2)."""
    tags = set(command.arguments.tags)
    if not tags <= _INCLUDE_TAGS or tags >= _LOCATIONS or command.arguments.tests or command.block is not None:
        return Inclusion.UNCERTAIN
    if ":global" in tags:
        return Inclusion.NO
    match command.arguments.strings:
        case ((included,),) if "${" not in included:
            return Inclusion.YES if included == name else Inclusion.NO
    return Inclusion.UNCERTAIN


def _constant(tests: tuple[Test, ...]) -> bool | None:
    """What a test comes to for every mail; None if that depends on the mail."""
    match tests:
        case (Test("true"),):
            return True
        case (Test("false"),):
            return False
        case (Test("not", arguments),):
            inner = _constant(arguments.tests)
            return None if inner is None else not inner
    return None
