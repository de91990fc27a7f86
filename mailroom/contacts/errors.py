"""What can go wrong with an address book, whichever protocol it speaks."""

from mailroom.core.errors import MailroomError


class AddressBookError(MailroomError):
    """The address book refused what was asked, or said something that cannot be used."""


class NoAddressBook(AddressBookError):
    """No address book is there to use: the account offers none, or the settings do not say where it is."""


class NoBookYet(NoAddressBook):
    """The user has a place for address books and none in it to write to. `home` is the URL of that place."""

    def __init__(self, message: str, *, home: str) -> None:
        super().__init__(message)
        self.home = home


class DavError(AddressBookError):
    """The answer of a CardDAV server is not the one hoped for."""

    def __init__(
        self, message: str, *, status: int, retry_after: float | None = None, accepted_before: bool = False
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        self.accepted_before = accepted_before


class DavLoginRefused(DavError):
    """The user name and password are wrong, or not enough, or the server wants fewer logins."""


class DavBusy(DavError):
    """The server is overloaded or down; later it will do."""

    temporary = True


class NotDav(DavError):
    """The answer is no WebDAV: most often a web page, from a URL that is not the right one."""


class PreconditionFailed(DavError):
    """The card was changed by somebody else meanwhile, or exists already (RFC 9110 section 15.5.13)."""


class UidTaken(DavError):
    """Another card of the address book has this uid (RFC 6352 section 6.3.2.1, `no-uid-conflict`)."""


class CollectionGone(DavError):
    """Nothing is at this URL, or no longer."""


class AnswerCutShort(DavError):
    """Not all that was found can be read: the server says so (507, RFC 6352 section 8.6.2), or it is too much."""


class CardGone(AddressBookError):
    """A card is not there any more."""


class UnreadableCard(AddressBookError):
    """A text that is no vCard, or one that nobody can refer to."""


class UneditableCard(AddressBookError):
    """A card cannot be written back without risk: it is not known how it is stored, or whether it is as it was read."""


def reason_or_raise(error: AddressBookError) -> str:
    """Why one card could not be written. What would fail for every card is raised instead: asking on is no use."""
    if isinstance(error, DavLoginRefused | DavBusy):
        raise error
    return str(error)
