"""Do the contact groups live in the mail account, where the rules for new mail can ask for them?

A host name proves nothing: behind one, mail and contacts may be two programs that know nothing of each other. So where
the address book is not that of the mail account by its very protocol, the mail server is asked which groups it has.
"""

from collections.abc import Iterable, Mapping

from mailroom.contacts.book import Group
from mailroom.jmap.errors import MethodError
from mailroom.jmap.get import Get
from mailroom.jmap.json_values import mapping, text, texts
from mailroom.jmap.operation import Operation
from mailroom.jmap.query import QueryAndGet
from mailroom.jmap.session import CONTACTS, CYRUS_CONTACTS, SIEVE, Session

_URN = "urn:uuid:"


class MailGroups:
    """The groups of the account that the rules are for, as its own server tells them.

    `operations` are to be run first: none where the server cannot be asked. Cyrus 3.12 and before have `ContactGroup`
    for JMAP contacts (RFC 9610).
    """

    def __init__(self, session: Session) -> None:
        self.operations: tuple[Operation, ...] = ()
        self._standard = self._cyrus = None
        if _is_of_mail(CONTACTS, session):
            self._standard = QueryAndGet("ContactCard", {"kind": "group"}, ("uid", "kind", "members"))
            self.operations = (self._standard,)
        elif _is_of_mail(CYRUS_CONTACTS, session):
            self._cyrus = Get("ContactGroup", properties=("uid", "contactIds"))
            self.operations = (self._cyrus,)

    def include(self, groups: Iterable[Group]) -> bool:
        """Whether each of these groups of an address book is one of them, with the same members: there must be one.

        A uid alone may be in both books since somebody has moved from one to the other.
        """
        try:
            found = self._members()
        except MethodError as error:
            if error.temporary:
                raise
            return False
        wanted = {_bare(group.uid): _comparable(group.members) for group in groups}
        return bool(wanted) and wanted.items() <= found.items()

    def _members(self) -> Mapping[str, frozenset[str]]:
        if self._standard is not None:
            cards = self._standard.objects
            return {_bare(text(card.get("uid"))): _comparable(mapping(card.get("members"))) for card in cards}
        groups = self._cyrus.objects if self._cyrus is not None else ()
        return {_bare(text(group.get("uid"))): _comparable(texts(group.get("contactIds"))) for group in groups}


def _is_of_mail(capability: str, session: Session) -> bool:
    return session.offers(capability) and session.account_id(capability) == session.account_id(SIEVE)


def _comparable(members: Iterable[str]) -> frozenset[str]:
    """Members by uid. Those that are named by a URI of another kind some servers do not tell."""
    return frozenset(uid for uid in map(_bare, members) if ":" not in uid)


def _bare(uid: str) -> str:
    return uid[len(_URN) :] if uid.lower().startswith(_URN) else uid
