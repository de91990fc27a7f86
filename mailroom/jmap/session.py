"""The Session: where an account's server is, what it offers, and how much it takes at a time (RFC 8620 section 2)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self
from urllib.parse import urljoin, urlsplit

from mailroom.http.urls import shown
from mailroom.jmap.errors import NoAccount, NotJmap

CORE: Final = "urn:ietf:params:jmap:core"
MAIL: Final = "urn:ietf:params:jmap:mail"
CONTACTS: Final = "urn:ietf:params:jmap:contacts"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server takes at a time. Sizes are in octets; the defaults are the minima that RFC 8620 suggests."""

    max_size_request: int = 10_000_000
    max_concurrent_requests: int = 4
    max_calls_in_request: int = 16
    max_objects_in_get: int = 500
    max_objects_in_set: int = 500

    @classmethod
    def parse(cls, capability: Any) -> Self:
        """The limits in the core capability, as far as it states any."""
        stated = _mapping(capability)
        limits = {each.name: stated.get(_camel_case(each.name)) for each in fields(cls)}
        return cls(**{name: limit for name, limit in limits.items() if isinstance(limit, int) and limit > 0})


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """An account that the login may use. `capabilities` is None where the server does not state them per account."""

    name: str
    capabilities: frozenset[str] | None
    is_read_only: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """What the server says about itself and the login. URLs are absolute; `event_source_url` may be a template.

    `configured_account` is the account to use wherever it has what is asked for; without one, it is the login's
    primary account for each capability.
    """

    url: str
    api_url: str
    event_source_url: str | None
    state: str
    username: str
    limits: Limits
    capabilities: frozenset[str]
    accounts: Mapping[str, AccountInfo]
    primary_accounts: Mapping[str, str]
    configured_account: str | None = None

    def offers(self, capability: str) -> bool:
        """Whether there is an account to use for this capability."""
        return self._account_for(capability) is not None

    def account_id(self, capability: str) -> str:
        """The account to use for this capability; `NoAccount`, which lists the accounts there are, if there is none.

        A configured account without the capability leaves it to the primary one: contacts may live in another account
        than mail. But it is never simply the first account that has it, which may be a colleague's.
        """
        account_id = self._account_for(capability)
        if account_id is None:
            known = ", ".join(f"{id_} ({account.name})" for id_, account in self.accounts.items()) or "none at all"
            raise NoAccount(
                f"{shown(self.url)} has no account to use for {capability}; it lists {known}. Allow it for the token "
                "or login that Mailroom uses, or set account_id to the account that is meant."
            )
        return account_id

    def is_read_only(self, capability: str) -> bool:
        """Whether the account for this capability can be looked at, but not changed."""
        account = self.accounts.get(self.account_id(capability))
        return account is not None and account.is_read_only

    def _account_for(self, capability: str) -> str | None:
        if self.capabilities and capability not in self.capabilities:
            return None
        if self.configured_account is None:
            return self._able(self.primary_accounts.get(capability), capability)
        if self.configured_account not in self.accounts:
            return None
        primary = self.primary_accounts.get(capability)
        return self._able(self.configured_account, capability) or self._able(primary, capability)

    def _able(self, account_id: str | None, capability: str) -> str | None:
        account = self.accounts.get(account_id or "")
        if account is None or (account.capabilities is not None and capability not in account.capabilities):
            return None
        return account_id


def parse_session(document: object, url: str, configured_account: str | None = None) -> Session:
    """The Session in a JSON document that finally came from `url`, against which its URLs are resolved.

    Only `apiUrl` is indispensable; `NotJmap` says that a document without it is none, or that its URLs cannot be used.
    """
    members = _mapping(document)
    api_url = members.get("apiUrl")
    if not isinstance(api_url, str):
        raise _not_jmap(url, "what it answers is no JMAP session")
    event_source_url = members.get("eventSourceUrl")
    capabilities = _mapping(members.get("capabilities"))
    return Session(
        url=url,
        api_url=_absolute(api_url, url),
        event_source_url=_absolute(event_source_url, url) if isinstance(event_source_url, str) else None,
        state=_text(members.get("state")),
        username=_text(members.get("username")),
        limits=Limits.parse(capabilities.get(CORE)),
        capabilities=frozenset(capabilities),
        accounts={id_: _account(account) for id_, account in _mapping(members.get("accounts")).items()},
        primary_accounts={
            capability: account_id
            for capability, account_id in _mapping(members.get("primaryAccounts")).items()
            if isinstance(account_id, str)
        },
        configured_account=configured_account,
    )


def _account(value: Any) -> AccountInfo:
    members = _mapping(value)
    capabilities = members.get("accountCapabilities")
    return AccountInfo(
        name=_text(members.get("name")),
        capabilities=frozenset(capabilities) if isinstance(capabilities, Mapping) else None,
        is_read_only=members.get("isReadOnly") is True,
    )


def _absolute(reference: str, base: str) -> str:
    """A URL of the session as an absolute one that credentials may be sent to."""
    try:
        url = urljoin(base, reference)
        parts = urlsplit(url)
    except ValueError as error:
        raise _not_jmap(base, f"its session names {reference[:100]}, which is no URL") from error
    if parts.scheme not in {"https", urlsplit(base).scheme} or not parts.hostname or parts.username is not None:
        raise _not_jmap(base, f"its session names {reference[:100]}, where credentials must not go")
    return url


def _not_jmap(url: str, why: str) -> NotJmap:
    return NotJmap(f"{shown(url)}: {why}. Check jmap_url, and the server's idea of its own URL.", status=200)


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
