"""Which address book an account's groups live in."""

from urllib.parse import urlsplit

from mailroom.contacts.book import AddressBook
from mailroom.contacts.carddav.address_book import CardDavAddressBook
from mailroom.contacts.errors import NoAddressBook
from mailroom.contacts.jmap.address_book import JmapAddressBook
from mailroom.core.config import MailroomSettings
from mailroom.core.credentials import BasicLogin, Credentials
from mailroom.http.client import Http
from mailroom.http.urls import redacted
from mailroom.jmap.client import Client
from mailroom.jmap.session import CONTACTS, Session


def choose_address_book(settings: MailroomSettings, session: Session, client: Client, http: Http) -> AddressBook:
    """JMAP where the settings ask for it, or leave it open and the account offers it; else CardDAV.

    No I/O: whether a CardDAV server is where the settings say shows at the first look-up. `NoAddressBook` says what is
    missing.
    """
    offered = session.offers(CONTACTS)
    if settings.contacts == "jmap" and not offered:
        raise NoAddressBook(
            f"{redacted(session.url)} offers no contacts over JMAP to this login, though contacts is jmap. Allow the "
            f"token to use contacts, or use CardDAV. {_REMEDY}"
        )
    if settings.contacts == "jmap" or (settings.contacts == "auto" and offered):
        return JmapAddressBook(client)
    credentials = settings.carddav_credentials()
    url = settings.carddav_url or _same_server(session, credentials)
    if credentials is None or url is None:
        raise NoAddressBook(f"{redacted(session.url)} offers no contacts over JMAP to this login. {_REMEDY}")
    return CardDavAddressBook(client, http, url, credentials, is_guess=settings.carddav_url is None)


_REMEDY = (
    "Set carddav_url, carddav_username and carddav_password. For Fastmail the URL is https://carddav.fastmail.com, "
    "and the password an app password that may use contacts (CardDAV)."
)


def _same_server(session: Session, credentials: Credentials | None) -> str | None:
    """Where no URL is set, a user name and a password are good for the server that the settings name for the mail.

    Where that only redirects to another one, they are not for the latter.
    """
    if not isinstance(credentials, BasicLogin):
        return None
    return urlsplit(session.scope.configured)._replace(path="", query="", fragment="").geturl()
