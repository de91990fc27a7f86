"""How to ask a server for an address so that no card which has it is missed.

Cards are written by other people's programs, so an address may stand there in another spelling than the canonical one.
What a server finds are candidates; `canonical_address` decides.
"""

import re
from uuid import NAMESPACE_URL, uuid5

import idna

_DOT_ATOM = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_QUOTED = re.compile(r'(["\\])')
_WORD = re.compile(r"[^\W_]+")


def contact_uid(address: str) -> str:
    """The uid of the card that Mailroom creates for a canonical address.

    Always the same, so that a card whose creation was in doubt is found again instead of being created twice.
    """
    # Not to be changed: a reset knows by it the cards that Mailroom has created, in all the years before too.
    return str(uuid5(NAMESPACE_URL, f"mailto:{address}"))


def address_variants(address: str) -> tuple[str, ...]:
    """A canonical address in each form that a card may hold.

    That is: quoted too where its local part needs quotes (RFC 5322 section 3.4.1), and with its domain in its own
    script as well (RFC 5891).
    """
    local, _, domain = address.rpartition("@")
    locals_ = [local]
    if not _DOT_ATOM.fullmatch(local):
        quoted = _QUOTED.sub(r"\\\1", local)
        locals_.append(f'"{quoted}"')
    return tuple(f"{each}@{spelled}" for each in locals_ for spelled in dict.fromkeys([domain, _own_script(domain)]))


def words(address: str) -> str:
    """The words of an address, as a server's index is likely to cut it up."""
    return " ".join(_WORD.findall(address))


def _own_script(domain: str) -> str:
    if "xn--" not in domain:
        return domain
    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain
