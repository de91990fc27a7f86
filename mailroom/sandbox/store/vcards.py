"""vCards (RFC 2426, RFC 6350) from and to JSContact (RFC 9553), as far as the sandbox looks into them.

It shares no code with what reads and writes cards for the service: a fault there would not show here otherwise.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

_URN: Final = "urn:uuid:"
_FOLD = re.compile(r"\r?\n[ \t]")
_LINE_END = re.compile(r"\r?\n")
_PROPERTY = re.compile(r"""(?:[\w-]+\.)?([\w-]+)(?:;(?:[^":]|"[^"]*")*)?:(.*)""", re.ASCII)
_ESCAPES: Final = {"\\": r"\\", ",": r"\,", ";": r"\;", "\n": r"\n"}


class InvalidVCard(ValueError):
    """A Cyrus would not store this. The message is the one it gives."""


def vcard_of(card: Mapping[str, Any]) -> bytes:
    """A vCard 3.0; groups in Apple's form, which is the form that every CardDAV server keeps as it is."""
    name = card.get("name", {})
    pieces = {piece["kind"]: piece["value"] for piece in name.get("components", ())}
    full_name = name.get("full") or " ".join(pieces.values())
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"UID:{_escaped(card['uid'])}",
        f"FN:{_escaped(full_name)}",
        f"N:{_escaped(pieces.get('surname', ''))};{_escaped(pieces.get('given', full_name))};;;",
        *(f"EMAIL:{_escaped(email['address'])}" for email in card.get("emails", {}).values()),
        *(f"NOTE:{_escaped(note['note'])}" for note in card.get("notes", {}).values()),
        *(f"ORG:{_escaped(each['name'])}" for each in card.get("organizations", {}).values()),
    ]
    if card.get("kind") == "group":
        lines.append("X-ADDRESSBOOKSERVER-KIND:group")
        lines += [f"X-ADDRESSBOOKSERVER-MEMBER:{_URN}{_escaped(uid)}" for uid in card.get("members", {})]
    return "\r\n".join([*lines, "END:VCARD", ""]).encode()


def card_of(data: bytes) -> dict[str, Any]:
    """The JSContact object of a vCard; `InvalidVCard` for what a Cyrus refuses."""
    said = properties_of(data)
    if "uid" not in said:
        raise InvalidVCard("Missing mandatory UID property")
    if "fn" not in said or ("n" not in said and said.get("version") == ["3.0"]):
        raise InvalidVCard("Failed restriction checks")
    kinds = [kind.lower() for name in ("kind", "x-addressbookserver-kind") for kind in said.get(name, ())]
    card: dict[str, Any] = {
        "@type": "Card",
        "version": "1.0",
        "uid": said["uid"][0].removeprefix(_URN),
        "kind": "group" if "group" in kinds else "individual",
        "name": {"full": said["fn"][0]},
        "emails": {f"e{i}": {"address": value} for i, value in enumerate(said.get("email", ()), 1)},
        "notes": {f"n{i}": {"note": value} for i, value in enumerate(said.get("note", ()), 1)},
    }
    if card["kind"] == "group":
        members = [member for name in ("x-addressbookserver-member", "member") for member in said.get(name, ())]
        card["members"] = {member.removeprefix(_URN): True for member in members if member.startswith(_URN)}
    return card


def properties_of(data: bytes) -> dict[str, list[str]]:
    """The values of a vCard's properties by their lower-case names; `InvalidVCard` for what is none."""
    try:
        lines = _LINE_END.split(_FOLD.sub("", data.decode()).strip())
    except UnicodeDecodeError as error:
        raise InvalidVCard("Resource is not a vCard object") from error
    said: dict[str, list[str]] = {}
    for line in filter(None, lines):
        match = _PROPERTY.fullmatch(line)
        if match is None:
            raise InvalidVCard("Resource is not a vCard object")
        said.setdefault(match[1].lower(), []).append(_unescaped(match[2].strip()))
    if [lines[0].upper(), lines[-1].upper()] != ["BEGIN:VCARD", "END:VCARD"]:
        raise InvalidVCard("Resource is not a vCard object")
    return said


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in text)


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], value)
