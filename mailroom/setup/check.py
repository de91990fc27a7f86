"""Can this configuration work? Everything that Mailroom needs, looked at once."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

from mailroom.account import Account
from mailroom.contacts.jmap.address_book import JmapAddressBook
from mailroom.core.errors import MailroomError
from mailroom.core.findings import Finding, Severity
from mailroom.http.urls import redacted
from mailroom.jmap.session import CONTACTS, MAIL, Session
from mailroom.model.mailboxes import Mailboxes
from mailroom.push.failures import NO_EVENT_SOURCE
from mailroom.push.probe import probe
from mailroom.setup.announcement import PATIENCE, announcement_delay
from mailroom.setup.diff import diff_account
from mailroom.setup.requirements import Kind, Requirement, State

_REMEDY = "Run `mailroom setup --apply`."


async def check(account: Account) -> AsyncIterator[Finding]:
    """Each finding as soon as it is there, and what hangs on others after them.

    Nothing is changed but what `announcement_delay` sets and sets back.
    """
    async for finding in _look(account):
        yield replace(finding, text=account.redaction.text(finding.text))


async def _look(account: Account) -> AsyncIterator[Finding]:
    try:
        session = await account.client.session()
        account_id = session.account_id(MAIL)
    except MailroomError as error:
        yield Finding(Severity.FAIL, "session", str(error))
        return
    yield Finding(Severity.OK, "session", f"{redacted(session.url)} lets {session.username or 'the login'} in.")
    yield _account(session, account_id)
    try:
        diff = await diff_account(account)
    except MailroomError as error:
        yield Finding(Severity.FAIL, "mailboxes", str(error))
        return
    requirements = diff.requirements
    yield _present("mailboxes", [each for each in requirements if each.kind.is_mailbox])
    for each in requirements:
        if each.kind is Kind.NEVER_SWEPT:
            severity = Severity.FAIL if each.state is State.WRONG else Severity.WARN
            yield Finding(severity, "never swept", f'"{each.name}": {each.remark}.')
    yield await _contacts(account, session, requirements)
    yield _present("contact groups", [each for each in requirements if each.kind.is_group])
    yield await _push(account, session, diff.mailboxes)
    yield _routing(requirements)


def _account(session: Session, account_id: str) -> Finding:
    account = session.accounts.get(account_id)
    named = f"{account_id} ({account.name})" if account is not None and account.name else account_id
    if session.is_read_only(MAIL):
        text = f"{named} may only be read: give the token, or the login, the right to change mail."
        return Finding(Severity.FAIL, "account", text)
    return Finding(Severity.OK, "account", f"{named} may be read and changed.")


def _present(subject: str, requirements: Iterable[Requirement]) -> Finding:
    """Whether all of them are there, and usable."""
    requirements = tuple(requirements)
    missing = [each.name for each in requirements if each.state is State.CREATE]
    faults = [f"missing: {', '.join(missing)}. {_REMEDY}"] if missing else []
    faults += [f'"{each.name}": {each}.' for each in requirements if each.state is State.WRONG]
    if faults:
        return Finding(Severity.FAIL, subject, " ".join(faults))
    return Finding(Severity.OK, subject, f"all {len(requirements)} are there.")


async def _contacts(account: Account, session: Session, requirements: Iterable[Requirement]) -> Finding:
    address_book = next((each for each in requirements if each.kind is Kind.ADDRESS_BOOK), None)
    if address_book is not None:  # it is listed only where it is missing, or cannot be used
        missing = address_book.state is State.CREATE
        text = f"there is no address book yet. {_REMEDY}" if missing else str(address_book)
        return Finding(Severity.FAIL, "contacts", text)
    book = await account.open_book()
    if not isinstance(book, JmapAddressBook):
        return Finding(Severity.OK, "contacts", "over CardDAV.")
    if session.is_read_only(CONTACTS):
        return Finding(Severity.FAIL, "contacts", "may only be read: give the token the right to change contacts.")
    return Finding(Severity.OK, "contacts", "over JMAP.")


async def _push(account: Account, session: Session, mailboxes: Mailboxes) -> Finding:
    """Without push everything works, only later: a warning at most."""
    polls = f"Mailroom polls every {account.settings.poll_interval:g} s"
    if account.settings.push == "none":
        return Finding(Severity.OK, "push", f"none, as the settings say: {polls}.")
    try:
        if session.event_source_url is None:
            return Finding(Severity.WARN, "push", NO_EVENT_SOURCE.message)
        own = mailboxes.meant_by(account.settings.error_label)
        if len(own) == 1 and not session.is_read_only(MAIL):
            return _promptness(await announcement_delay(account, session.event_source_url, own[0].id))
        spoke = await probe(account.streams, session.event_source_url, account.credentials)
    except MailroomError as error:
        return Finding(Severity.WARN, "push", f"{error} {polls} all the same.")
    text = "the event stream is there." if spoke else "the event stream is accepted, and quiet so far."
    return Finding(Severity.OK, "push", text)


def _promptness(delay: float | None) -> Finding:
    if delay is None:
        text = "the event stream is accepted; how soon it announces a change cannot be told."
        return Finding(Severity.OK, "push", text)
    if delay > PATIENCE:
        text = (
            f"the event stream is accepted, but a change was not announced within {PATIENCE:g} s: labels wait for as "
            "long. On a Cyrus, lower jmap_pushpoll in its imapd.conf, which is 60 s by default."
        )
        return Finding(Severity.WARN, "push", text)
    return Finding(
        Severity.OK, "push", f"the event stream is there, and announced a change after {max(delay, 0.1):.1f} s."
    )


def _routing(requirements: Iterable[Requirement]) -> Finding:
    rules = next((each for each in requirements if each.kind is Kind.ROUTING), None)
    if rules is None:
        return Finding(Severity.OK, "routing", "none, as the settings say.")
    if rules.state is State.EXISTS:
        return Finding(Severity.OK, "routing", f"active and up to date, {rules.remark}.")
    if rules.state is State.CREATE:
        return Finding(Severity.FAIL, "routing", f"the rules are missing or out of date. {_REMEDY}")
    if rules.state is State.BY_HAND:
        return Finding(Severity.WARN, "routing", f"{rules.remark} `mailroom setup` tells how.")
    return Finding(Severity.FAIL, "routing", rules.remark)
