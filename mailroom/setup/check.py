"""Can this configuration work? Everything that Mailroom needs, looked at once."""

from collections.abc import AsyncIterator, Iterable

from mailroom.connection import Connection
from mailroom.contacts.jmap import JmapAddressBook
from mailroom.core.errors import MailroomError
from mailroom.core.findings import Finding, Mark
from mailroom.http.urls import shown
from mailroom.jmap.session import CONTACTS, MAIL, Session
from mailroom.push.probe import probe
from mailroom.push.refusal import NO_EVENT_SOURCE
from mailroom.setup.rows import Kind, Row, State
from mailroom.setup.survey import survey

_REMEDY = "Run `mailroom setup --apply`."


async def check(connection: Connection) -> AsyncIterator[Finding]:
    """Each finding as soon as it is there, and what hangs on others after them. Nothing is changed."""
    try:
        session = await connection.client.session()
        account_id = session.account_id(MAIL)
    except MailroomError as error:
        yield Finding(Mark.FAIL, "session", str(error))
        return
    yield Finding(Mark.OK, "session", f"{shown(session.url)} lets {session.username or 'the login'} in.")
    yield _account(session, account_id)
    try:
        rows = (await survey(connection)).rows
    except MailroomError as error:
        yield Finding(Mark.FAIL, "mailboxes", str(error))
        return
    yield _present("mailboxes", [row for row in rows if row.kind.is_mailbox])
    yield await _contacts(connection, session, rows)
    yield _present("contact groups", [row for row in rows if row.kind.is_group])
    yield await _push(connection, session)
    yield _routing(rows)


def _account(session: Session, account_id: str) -> Finding:
    account = session.accounts.get(account_id)
    named = f"{account_id} ({account.name})" if account is not None and account.name else account_id
    if session.is_read_only(MAIL):
        return Finding(
            Mark.FAIL, "account", f"{named} may only be read: give the token, or the login, the right to change mail."
        )
    return Finding(Mark.OK, "account", f"{named} may be read and changed.")


def _present(subject: str, rows: Iterable[Row]) -> Finding:
    """Whether all of them are there, and usable."""
    rows = tuple(rows)
    missing = [row.name for row in rows if row.state is State.CREATE]
    faults = [f'"{row.name}": {row}.' for row in rows if row.state is State.WRONG]
    if missing:
        faults.insert(0, f"missing: {', '.join(missing)}. {_REMEDY}")
    return Finding(Mark.FAIL if faults else Mark.OK, subject, " ".join(faults) or f"all {len(rows)} are there.")


async def _contacts(connection: Connection, session: Session, rows: Iterable[Row]) -> Finding:
    for row in rows:
        if row.kind is Kind.ADDRESS_BOOK:
            missing = row.state is State.CREATE
            return Finding(Mark.FAIL, "contacts", f"there is no address book yet. {_REMEDY}" if missing else str(row))
    book = await connection.open_book()
    if not isinstance(book, JmapAddressBook):
        return Finding(Mark.OK, "contacts", "over CardDAV.")
    if session.is_read_only(CONTACTS):
        return Finding(Mark.FAIL, "contacts", "may only be read: give the token the right to change contacts.")
    return Finding(Mark.OK, "contacts", "over JMAP.")


async def _push(connection: Connection, session: Session) -> Finding:
    """Without push everything works, only later: a warning at most."""
    polls = f"Mailroom polls every {connection.settings.poll_interval:g} s all the same."
    if session.event_source_url is None:
        return Finding(Mark.WARN, "push", NO_EVENT_SOURCE.message)
    try:
        spoke = await probe(connection.streams, session.event_source_url, connection.credentials)
    except MailroomError as error:
        return Finding(Mark.WARN, "push", f"{error} {polls}")
    return Finding(
        Mark.OK, "push", "the event stream is there." if spoke else "the event stream is accepted, and quiet so far."
    )


def _routing(rows: Iterable[Row]) -> Finding:
    row = next((row for row in rows if row.kind is Kind.ROUTING), None)
    if row is None:
        return Finding(Mark.OK, "routing", "none, as the settings say.")
    if row.state is State.EXISTS:
        return Finding(Mark.OK, "routing", f"active and up to date, {row.remark}.")
    if row.state is State.CREATE:
        return Finding(Mark.FAIL, "routing", f"the rules are missing or out of date. {_REMEDY}")
    if row.state is State.BY_HAND:
        return Finding(Mark.WARN, "routing", f"{row.remark} `mailroom setup` tells how.")
    return Finding(Mark.FAIL, "routing", row.remark)
