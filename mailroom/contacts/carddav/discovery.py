"""From the URL of a server to the URL of its user's address book (RFC 6764)."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urljoin, urlsplit

from mailroom.contacts.carddav.webdav import WebDav
from mailroom.contacts.carddav.xml import (
    ADDRESSBOOK_HOME_SET,
    CURRENT_USER_PRINCIPAL,
    PRIVILEGES,
    RESOURCE_TYPE,
    Resource,
)
from mailroom.contacts.errors import (
    AddressBookError,
    DavBusy,
    DavError,
    DavLoginRefused,
    NoAddressBook,
    NoBookYet,
    NotDav,
)
from mailroom.http.errors import RedirectRefused

_WELL_KNOWN: Final = "/.well-known/carddav"
_DEFAULT: Final = "Default/"
_GUESSED: Final = (
    "Contacts were looked for at the mail server, since carddav_url is not set: set it, for Fastmail to "
    "carddav.fastmail.com."
)
_ABOUT: Final = (RESOURCE_TYPE, CURRENT_USER_PRINCIPAL, ADDRESSBOOK_HOME_SET, PRIVILEGES)


def starting_points(url: str) -> tuple[str, ...]:
    """Where to ask first, and where to ask if nothing is there (RFC 6764 section 6)."""
    parts = urlsplit(url)
    if parts.path.rstrip("/") not in {"", _WELL_KNOWN}:
        return (url,)
    return tuple(parts._replace(path=path, query="", fragment="").geturl() for path in (_WELL_KNOWN, "/"))


async def find_address_book(dav: WebDav, url: str, *, is_guess: bool = False) -> str:
    """The URL of the address book to use: the one at `url` itself, or else the user's default one.

    `NoAddressBook` says what is missing, and what to do about it; it is `NoBookYet` where a book can be made. With
    `is_guess` nobody has set the URL, which then may be the reason for whatever fails, and is told.
    """
    try:
        return await _find(dav, url)
    except (DavBusy, NoBookYet):
        raise
    except (AddressBookError, RedirectRefused) as error:
        if is_guess:
            error.args = (f"{error} {_GUESSED}",)
        raise


async def _find(dav: WebDav, url: str) -> str:
    start = await _first_resource(dav, starting_points(url))
    if _is_book(start):
        return _as_collection(start.url)
    home = start.link(ADDRESSBOOK_HOME_SET) or await _home_of_user(dav, start)
    books = [each for each in await dav.find_properties(home, _ABOUT, depth=1) if _is_book(each) and _is_writable(each)]
    if not books:
        raise NoBookYet(
            f"{dav.shown(home)} holds no address book that Mailroom may write to. Create one with "
            "`mailroom setup --apply` or in a contacts app, or put the URL of one into carddav_url.",
            home=home,
        )
    return _as_collection(min(books, key=_is_not_default).url)


async def make_address_book(dav: WebDav, home: str) -> str:
    """Make the user's first address book, and tell its URL. It gets the name that marks the default one."""
    url = urljoin(_as_collection(home), _DEFAULT)
    await dav.make_address_book(url, "Contacts")
    return url


async def _first_resource(dav: WebDav, urls: Sequence[str]) -> Resource:
    first, *others = urls
    try:
        resources = await dav.find_properties(first, _ABOUT)
        if resources:
            return resources[0]
        raise NotDav(f"{dav.shown(first)}: the answer is an empty WebDAV multistatus. Check carddav_url.", status=207)
    except (DavLoginRefused, DavBusy):
        raise
    except DavError:
        if not others:
            raise
        return await _first_resource(dav, others)


async def _home_of_user(dav: WebDav, start: Resource) -> str:
    principal = start.link(CURRENT_USER_PRINCIPAL)
    if principal is None:
        raise NoAddressBook(
            f"{dav.shown(start.url)} does not say who is logged in. Check carddav_url: it takes a CardDAV server's "
            "host name, such as carddav.fastmail.com, or the URL of an address book."
        )
    for resource in await dav.find_properties(principal, (ADDRESSBOOK_HOME_SET,)):
        if home := resource.link(ADDRESSBOOK_HOME_SET):
            return home
    raise NoAddressBook(
        f"The user {dav.shown(principal)} has no address books on this server. Check carddav_url and the login."
    )


def _is_book(resource: Resource) -> bool:
    return resource.has(RESOURCE_TYPE, "C:addressbook")


def _is_writable(resource: Resource) -> bool:
    """Whether cards may be added and changed (RFC 3744 section 3). A server that tells no privileges is tried."""
    privileges = {name for name in ("D:all", "D:write", "D:write-content", "D:bind") if resource.has(PRIVILEGES, name)}
    return (
        resource.text(PRIVILEGES) is None
        or bool(privileges & {"D:all", "D:write"})
        or privileges == {"D:write-content", "D:bind"}
    )


def _is_not_default(book: Resource) -> bool:
    """CardDAV names no default, but Cyrus and Fastmail call theirs so; elsewhere the first one listed is it."""
    return urlsplit(book.url).path.rstrip("/").rpartition("/")[2].lower() != "default"


def _as_collection(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"
