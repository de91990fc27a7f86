"""Which logins a server takes that has refused one (RFC 9110 section 11.6.1)."""

import re
from typing import Final

from twisted.web.http_headers import Headers

_KNOWN: Final = frozenset({"basic", "bearer"})
"""The schemes that Mailroom has: a user name with a password, and a token."""
_QUOTED: Final = re.compile(r'"(?:\\.|[^"\\])*"?')
_SCHEME: Final = re.compile(r"([A-Za-z][\w.+-]*)(?:[ \t]+(?![ \t=])|$)")
_OTHERS: Final = {name.lower(): name for name in ("Digest", "Negotiate", "NTLM", "OAuth", "HOBA", "Mutual", "DPoP")}
"""Schemes that are told by their names. Others are not: in that place too a server may say what it likes."""


def unknown_logins(headers: Headers) -> str:
    """What to do about a server whose every kind of login is one that Mailroom has not got; nothing if it has others.

    A server that says nothing of what it takes is not judged.
    """
    schemes = [scheme for value in headers.getRawHeaders(b"www-authenticate", ()) for scheme in _schemes(value)]
    if not schemes or not _KNOWN.isdisjoint(schemes):
        return ""
    names = dict.fromkeys(_OTHERS.get(scheme, "another kind") for scheme in schemes)
    return (
        f"The server takes only logins by {', '.join(names)}, which Mailroom does not support: let it take a password "
        "by Basic, over https, or a token by Bearer."
    )


def _schemes(value: bytes) -> list[str]:
    """The schemes of a list of challenges, in lower case. Their parameters have commas between them too, and a `=`."""
    parts = _QUOTED.sub("", value.decode("latin-1")).split(",")
    return [found[1].lower() for part in parts if (found := _SCHEME.match(part.strip()))]
