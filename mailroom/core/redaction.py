"""Secrets kept out of whatever is told: the log, errors, /healthz, the output of commands.

The theory. Servers repeat what they were sent, and so do proxies in front of them: in error pages, headers, URLs,
descriptions. So what was presented to a server is remembered, and taken out of each text that is to be told:

- **At the boundary**, where words of a server become an error or a status, before anything is cut to a length: half a
  secret is not found any more. What a server says is data as well, which may go back to it: that is never touched.
- **At the sinks**, where the log, /healthz and the commands write: a second wall, for texts that came another way.

A secret is found in any spelling that a server, JSON, XML, a URL or a log may give it, without regard to case: each of
its characters may be written as itself or escaped. How much of it has to be there goes by its length:

- From 16 characters on, the first 12 are enough, and all that follows of it is taken with them: a text may be cut. Of
  the base64 of a login it is as much as tells more than the user name, which is no secret.
- From 8 on it is found as a whole, also inside of a word.
- From 4 on it is found as a whole word only, or a password such as `mail` would leave no text readable.
- Below that it is found together with what it was sent with: `Bearer abc`, `user:abc`, and the base64 of the latter.
"""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html.entities import codepoint2name
from typing import Any, Final

from mailroom.core.printable import quotation

REDACTED: Final = "[redacted]"
MAX_REMEMBERED: Final = 16
"""How many values of the Authorization header are remembered, the latest ones: secrets may be replaced."""

_LOOKED_AT: Final = 8 * 1024
"""How many octets or characters of a text are looked at of which a line is quoted."""
_HEAD: Final = 12
_LONG: Final = 16
_ANYWHERE: Final = 8
_WORD: Final = 4
_WORD_BEGINS: Final = r"(?:(?<!\w)|(?<=%[0-9a-f]{2})|(?<=\\[bfnrt]))"
_WORD_ENDS: Final = r"(?!\w)"
_ALSO: Final[Mapping[str, str]] = {" ": r"\s{1,8}|\+", "+": r"-|\s", "/": "_", "'": "&(?:amp;){0,4}apos;"}
"""What else may stand for a character: URLs have two ways to write a space, and base64 two alphabets."""


class Redaction:
    """What was presented to the servers of one account, and texts without it."""

    def __init__(self) -> None:
        self._presented: dict[str, tuple[_Secret, ...]] = {}

    def presented(self, authorization: str) -> None:
        """Remember the value of an Authorization header that goes out now."""
        # The latest go last, so that those in use are never the ones to be forgotten.
        known = self._presented.pop(authorization, None)
        self._presented[authorization] = known or tuple(_secrets(authorization))
        if len(self._presented) > MAX_REMEMBERED:
            del self._presented[next(iter(self._presented))]

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secrets in self._presented.values():
            for secret in secrets:
                text = secret.removed_from(text)
        return text

    def value(self, value: Any) -> Any:
        """A JSON value whose texts, the names of members among them, are without secrets."""
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {self.value(name): self.value(member) for name, member in value.items()}
            case list() | tuple():
                return [self.value(item) for item in value]
        return value

    def quotation(self, said: str | bytes) -> str:
        """What a server said, for a message: without secrets, and only then cut to the length of a quotation."""
        said = said[:_LOOKED_AT]
        return quotation(self.text(said.decode("utf-8", "replace") if isinstance(said, bytes) else said))

    def clean(self, error: BaseException) -> None:
        """Take the secrets out of the words of an error, and of those that it comes of."""
        seen: set[int] = set()
        reason: BaseException | None = error
        while reason is not None and id(reason) not in seen:
            seen.add(id(reason))
            reason.args = tuple(map(self._argument, reason.args))
            reason = reason.__cause__ or reason.__context__

    @contextmanager
    def errors(self) -> Iterator[None]:
        """No error leaves the block with a secret in its words."""
        try:
            yield
        except Exception as error:
            self.clean(error)
            raise

    def _argument(self, argument: object) -> object:
        if isinstance(argument, bytes):
            return self.text(argument.decode("latin-1")).encode("latin-1")
        return self.text(argument) if isinstance(argument, str) else argument


class _Secret:
    """One secret, and how to find it: by `enough` characters from its beginning, if they are less than all."""

    def __init__(self, secret: str, enough: int | None = None) -> None:
        if enough is None:
            enough = _HEAD if len(secret) >= _LONG else len(secret)
        head = secret[:enough]
        pattern = "".join(map(_spellings, head))
        if len(secret) < _ANYWHERE:
            pattern = f"{_WORD_BEGINS}{pattern}{_WORD_ENDS}"
        self._head = re.compile(pattern, re.IGNORECASE)
        # Not all in one: the pattern of a token of some thousand characters would take seconds to compile.
        characters = {each: re.compile(_spellings(each), re.IGNORECASE) for each in set(secret[len(head) :])}
        self._tail = [characters[each] for each in secret[len(head) :]]

    def removed_from(self, text: str) -> str:
        parts: list[str] = []
        end = 0
        while found := self._head.search(text, end):
            parts += [text[end : found.start()], REDACTED]
            end = found.end()
            for character in self._tail:
                following = character.match(text, end)
                if following is None:
                    break
                end = following.end()
        return "".join([*parts, text[end:]])


def _secrets(authorization: str) -> Iterator[_Secret]:
    """What is secret in an Authorization header, and long enough to be told from other words."""
    scheme, _, value = authorization.partition(" ")
    value = value.strip()
    if scheme.lower() == "basic":
        login = b64decode(value)
        username, _, password = login.decode("utf-8", "replace").partition(":")
        yield _Secret(value.rstrip("="), len(username.encode()) // 3 * 4 + _HEAD)
        yield _Secret(password) if len(password) >= _WORD else _Secret(f"{username}:{password}", len(login))
    else:
        yield _Secret(value if len(value) >= _WORD else authorization)


def _spellings(character: str) -> str:
    """A pattern for each way in which a text may write a character.

    Escaped ones come first: what begins with `&` may be more than that. Repetitions are bounded, or a text that is made
    for it would take seconds to look through.
    """
    code = ord(character)
    octets = character.encode("utf-8", "replace")
    units = character.encode("utf-16-be", "replace")
    ways = [
        "".join(f"%(?:25){{0,4}}{octet:02x}" for octet in octets),
        rf"&(?:amp;){{0,4}}#(?:0{{0,8}}{code}|x0{{0,8}}{code:x});",
        "".join(rf"\\{{1,8}}u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)),
        rf"\\{{1,8}}(?:x{code:02x}|U{code:08x}|u\{{0{{0,8}}{code:x}\}})",
    ]
    if not character.isascii():
        ways.append(f"%(?:25){{0,4}}{code:02x}")
        # Its octets, read as Latin-1.
        ways.append("".join(rf"(?:{re.escape(chr(octet))}|\\{{1,8}}(?:x|u00){octet:02x})" for octet in octets))
    if code in codepoint2name:
        ways.append(f"&(?:amp;){{0,4}}{codepoint2name[code]};")
    if not character.isalnum():
        ways.append(rf"\\{{1,8}}{re.escape(character)}")
    if character in _ALSO:
        ways.append(_ALSO[character])
    return f"(?:{'|'.join([*ways, re.escape(character)])})"
