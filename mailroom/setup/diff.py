"""The difference between what the settings ask for and what the account has."""

from dataclasses import dataclass
from typing import Final

from mailroom.account import Account
from mailroom.contacts.errors import NoBookYet
from mailroom.contacts.jmap.address_book import JmapAddressBook
from mailroom.core.errors import MailroomError
from mailroom.jmap.get import Get
from mailroom.jmap.session import CONTACTS, MAIL, Session
from mailroom.model.mailboxes import MAILBOX_PROPERTIES, Mailbox, Mailboxes
from mailroom.routing.sieve import SCRIPT_NAME
from mailroom.setup.requirements import (
    Kind,
    Requirement,
    State,
    group_requirements,
    mailbox_requirements,
    never_swept_requirements,
    routing_requirements,
)

_READ_ONLY: Final = "the login may only read: give the token, or the login, the right to change mail and contacts"
_NO_TOP_LEVEL: Final = "no right to create mailboxes: create it as the owner of the account"


@dataclass(frozen=True, slots=True)
class Diff:
    """Everything that the settings ask for, and how far the account has it, in the order in which people think of it.

    `mailboxes` are those that the account has.
    """

    requirements: tuple[Requirement, ...]
    mailboxes: Mailboxes

    @property
    def missing(self) -> tuple[Requirement, ...]:
        """What can be created."""
        return tuple(each for each in self.requirements if each.state is State.CREATE)


async def diff_account(account: Account, *, activate: bool = False) -> Diff:
    """Compare the account with the settings; nothing is changed. `activate` is as for `routing_requirements`.

    A server for mail that cannot be reached is raised as a `MailroomError`: without it there is nothing to look at.
    Whatever is the matter with the contacts or the rules is told by their requirements.
    """
    session = await account.client.session()
    found = Get("Mailbox", properties=(*MAILBOX_PROPERTIES, "myRights"))
    await account.client.run(found)
    present = Mailboxes(map(Mailbox.from_jmap, found.objects))
    mailboxes = mailbox_requirements(present, account.settings, _obstacle(session))
    never_swept = never_swept_requirements(present, account.settings)
    contacts = await _contacts(account, session)
    routing = await _routing(account, activate=activate)
    return Diff((*mailboxes, *never_swept, *contacts, *routing), present)


def _obstacle(session: Session) -> str:
    if session.is_read_only(MAIL):
        return _READ_ONLY
    return "" if session.may_create_mailboxes else _NO_TOP_LEVEL


async def _contacts(account: Account, session: Session) -> list[Requirement]:
    """The groups; and the address book, where there is none yet or it cannot be used."""
    try:
        book = await account.open_book()
        directory = await book.look_up(())
    except NoBookYet:
        new = Requirement(Kind.ADDRESS_BOOK, "", State.CREATE)
        return [new, *group_requirements((), account.settings)]
    except MailroomError as error:
        unusable = Requirement(Kind.ADDRESS_BOOK, "", State.WRONG, str(error))
        return [unusable, *group_requirements((), account.settings, "unknown, for the address book cannot be used")]
    may_only_read = isinstance(book, JmapAddressBook) and session.is_read_only(CONTACTS)
    return group_requirements(directory.groups, account.settings, _READ_ONLY if may_only_read else "")


async def _routing(account: Account, *, activate: bool) -> list[Requirement]:
    """The rules. Where the first address book is still to be made, nothing is known of them but that they are too."""
    try:
        routing = await account.router().state()
    except NoBookYet:
        return [Requirement(Kind.ROUTING, SCRIPT_NAME, State.CREATE)]
    except MailroomError as error:
        return [Requirement(Kind.ROUTING, SCRIPT_NAME, State.WRONG, str(error))]
    return routing_requirements(routing, account.settings, activate=activate)
