"""A look at an account: what it has, what is missing, and what somebody has to put right."""

from dataclasses import dataclass
from typing import Final

from mailroom.connection import Connection
from mailroom.contacts.errors import NoBookYet
from mailroom.contacts.jmap import JmapAddressBook
from mailroom.core.errors import MailroomError
from mailroom.jmap.operations import Get
from mailroom.jmap.session import CONTACTS, MAIL, Session
from mailroom.routing.sieve import SCRIPT_NAME
from mailroom.setup.rows import Kind, Row, State, group_rows, mailbox_rows, routing_rows
from mailroom.triage.mailboxes import MAILBOX_PROPERTIES, Mailbox, Mailboxes

_READ_ONLY: Final = "the login may only read: give the token, or the login, the right to change mail and contacts"
_NO_TOP_LEVEL: Final = "no right to create mailboxes: create it as the owner of the account"


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything that the settings ask for, in the order in which people think of it."""

    rows: tuple[Row, ...]
    mailboxes: Mailboxes

    @property
    def missing(self) -> tuple[Row, ...]:
        """What can be created."""
        return tuple(row for row in self.rows if row.state is State.CREATE)


async def survey(connection: Connection, *, activate: bool = False) -> Survey:
    """Compare the account with the settings; nothing is changed. `activate` is as for `routing_rows`.

    A server for mail that cannot be reached is raised as a `MailroomError`: without it there is nothing to look at.
    Whatever is the matter with the contacts or the rules is told in their row.
    """
    session = await connection.client.session()
    found = Get("Mailbox", properties=(*MAILBOX_PROPERTIES, "myRights"))
    await connection.client.run(found)
    mailboxes = Mailboxes(map(Mailbox.from_jmap, found.objects))
    rows = mailbox_rows(mailboxes, connection.settings, _obstacle(session))
    contacts = await _contacts(connection, session)
    routing = await _routing(connection, activate=activate)
    return Survey((*rows, *contacts, *routing), mailboxes)


def _obstacle(session: Session) -> str:
    if session.is_read_only(MAIL):
        return _READ_ONLY
    return "" if session.may_create_mailboxes else _NO_TOP_LEVEL


async def _contacts(connection: Connection, session: Session) -> list[Row]:
    """The groups; and the address book, where there is none yet or it cannot be used."""
    try:
        book = await connection.open_book()
        directory = await book.look_up(())
    except NoBookYet:
        new = Row(Kind.ADDRESS_BOOK, "", State.CREATE)
        return [new, *group_rows((), connection.settings)]
    except MailroomError as error:
        unusable = Row(Kind.ADDRESS_BOOK, "", State.WRONG, str(error))
        return [unusable, *group_rows((), connection.settings, "unknown, for the address book cannot be used")]
    may_only_read = isinstance(book, JmapAddressBook) and session.is_read_only(CONTACTS)
    return group_rows(directory.groups, connection.settings, _READ_ONLY if may_only_read else "")


async def _routing(connection: Connection, *, activate: bool) -> list[Row]:
    """The rules. Where the first address book is still to be made, nothing is known of them but that they are too."""
    try:
        routing = await connection.router().state()
    except NoBookYet:
        return [Row(Kind.ROUTING, SCRIPT_NAME, State.CREATE)]
    except MailroomError as error:
        return [Row(Kind.ROUTING, SCRIPT_NAME, State.WRONG, str(error))]
    return routing_rows(routing, connection.settings, activate=activate)
