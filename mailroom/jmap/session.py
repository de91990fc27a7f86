"""The Session: where an account's server is, what it offers, and how much it takes at a time (RFC 8620 section 2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Self
from urllib.parse import urljoin, urlsplit

from mailroom.core.redaction import Redaction
from mailroom.http.credential_scope import CredentialScope
from mailroom.http.urls import redacted
from mailroom.jmap.errors import NoAccount, NotJmap
from mailroom.jmap.json_values import mapping, number, optional_text, text

CORE: Final = "urn:ietf:params:jmap:core"
MAIL: Final = "urn:ietf:params:jmap:mail"
CONTACTS: Final = "urn:ietf:params:jmap:contacts"
SIEVE: Final = "urn:ietf:params:jmap:sieve"
CYRUS_CONTACTS: Final = "https://cyrusimap.org/ns/jmap/contacts"

_MAX_INT: Final = 2**53 - 1
"""The largest number that JMAP has (RFC 8620 section 1.3)."""
_SHOWN: Final = 100
"""How many characters of a URL that is refused are told."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server takes at a time. Sizes are in octets; the defaults are the minima that RFC 8620 suggests.

    They stand in for a limit that nothing could keep to, such as 0 or a text.
    """

    max_size_request: int = 10_000_000
    max_concurrent_requests: int = 4
    max_calls_in_request: int = 16
    max_objects_in_get: int = 500
    max_objects_in_set: int = 500

    @classmethod
    def parse(cls, capability: Any) -> Self:
        """The limits in the core capability, as far as it states any."""
        stated = mapping(capability)
        limits = {each.name: number(stated.get(_camel_case(each.name))) for each in fields(cls)}
        return cls(**{name: min(limit, _MAX_INT) for name, limit in limits.items() if limit and limit > 0})


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """An account that the login may use. `capabilities` is None where the server does not state them per account.

    `may_create_mailboxes` speaks of those at the top level (RFC 8621 section 1.3.1).
    """

    name: str
    capabilities: Mapping[str, Any] | None
    is_read_only: bool = False
    may_create_mailboxes: bool = True


@dataclass(frozen=True, slots=True)
class Session:
    """What the server says about itself and the login. URLs are absolute; those after the API's may be templates.

    Those may also be missing, or be such that credentials must not go there. That concerns whoever needs one, and
    nobody else: they are kept as the server gave them, and reading a URL that cannot be used raises `NotJmap`.

    `configured_account` is the account to use wherever it has what is asked for; without one, it is the login's
    primary account for each capability. Texts that are but told, such as names, are without secrets.
    """

    url: str
    scope: CredentialScope
    api_url: str
    event_source_reference: str | None
    upload_reference: str | None
    download_reference: str | None
    state: str
    username: str
    limits: Limits
    capabilities: frozenset[str]
    accounts: Mapping[str, AccountInfo]
    primary_accounts: Mapping[str, str]
    configured_account: str | None = None
    redaction: Redaction = field(default_factory=Redaction, repr=False, compare=False)

    @property
    def event_source_url(self) -> str | None:
        """Where changes are announced (RFC 8620 section 7.3), if anywhere."""
        return self._optional_url(self.event_source_reference)

    @property
    def upload_url(self) -> str | None:
        """Where blobs are put, if anywhere."""
        return self._optional_url(self.upload_reference)

    @property
    def download_url(self) -> str | None:
        """Where blobs are got from, if anywhere."""
        return self._optional_url(self.download_reference)

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
                f"{redacted(self.url)} has no account to use for {capability}; it lists "
                f"{self.redaction.text(known)}. Allow it for the "
                "token or login that Mailroom uses, or set account_id to the account that is meant."
            )
        return account_id

    def is_read_only(self, capability: str) -> bool:
        """Whether the account for this capability can be looked at, but not changed."""
        account = self.accounts.get(self.account_id(capability))
        return account is not None and account.is_read_only

    def account_capability(self, capability: str) -> Mapping[str, Any]:
        """What the account for this capability says of it: limits, mostly. Nothing where it says nothing."""
        account = self.accounts.get(self.account_id(capability))
        return mapping(account.capabilities.get(capability)) if account and account.capabilities else {}

    @property
    def may_create_mailboxes(self) -> bool:
        """Whether the login may create mailboxes at the top level of the account for mail."""
        account = self.accounts.get(self.account_id(MAIL))
        return account is None or (account.may_create_mailboxes and not account.is_read_only)

    def _optional_url(self, reference: str | None) -> str | None:
        return None if reference is None else _absolute(reference, self.url, self.scope, self.redaction)

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


def parse_session(
    document: object,
    url: str,
    configured_account: str | None = None,
    *,
    scope: CredentialScope | None = None,
    redaction: Redaction | None = None,
) -> Session:
    """The Session in a JSON document that finally came from `url`, against which its URLs are resolved.

    `scope` says where credentials may go; without one, `url` is taken for the configured URL. Only `apiUrl` is
    indispensable; `NotJmap` says that a document without it is none, or that it cannot be used.
    """
    members = mapping(document)
    scope = scope or CredentialScope(url)
    redaction = redaction or Redaction()
    api_url = members.get("apiUrl")
    if not isinstance(api_url, str):
        raise _not_jmap(url, "what it answers is no JMAP session")
    capabilities = mapping(members.get("capabilities"))
    return Session(
        url=url,
        scope=scope,
        api_url=_absolute(api_url, url, scope, redaction),
        event_source_reference=optional_text(members.get("eventSourceUrl")),
        upload_reference=optional_text(members.get("uploadUrl")),
        download_reference=optional_text(members.get("downloadUrl")),
        state=text(members.get("state")),
        username=redaction.text(text(members.get("username"))),
        limits=Limits.parse(capabilities.get(CORE)),
        capabilities=frozenset(capabilities),
        accounts={id_: _account(account, redaction) for id_, account in mapping(members.get("accounts")).items()},
        primary_accounts={
            capability: account_id
            for capability, account_id in mapping(members.get("primaryAccounts")).items()
            if isinstance(account_id, str)
        },
        configured_account=configured_account,
        redaction=redaction,
    )


def _account(value: Any, redaction: Redaction) -> AccountInfo:
    members = mapping(value)
    capabilities = members.get("accountCapabilities")
    mail = mapping(mapping(capabilities).get(MAIL))
    return AccountInfo(
        name=redaction.text(text(members.get("name"))),
        capabilities=capabilities if isinstance(capabilities, Mapping) else None,
        is_read_only=members.get("isReadOnly") is True,
        may_create_mailboxes=mail.get("mayCreateTopLevelMailbox") is not False,
    )


def _absolute(reference: str, base: str, scope: CredentialScope, redaction: Redaction) -> str:
    """A URL of the session as an absolute one that credentials may be sent to."""
    shown = redaction.quotation(reference)[:_SHOWN]
    try:
        url = urljoin(base, reference)
        parts = urlsplit(url)
        _ = parts.port  # which is looked at no sooner
    except ValueError as error:
        raise _not_jmap(base, f"its session names {shown}, which is no URL") from error
    if not parts.hostname:
        raise _not_jmap(base, f"its session names {shown}, where credentials must not go")
    objection = scope.objection(url, base)
    if objection is not None:
        raise _not_jmap(base, f"its session names {shown}, {objection}")
    return url


def _not_jmap(url: str, why: str) -> NotJmap:
    return NotJmap(f"{redacted(url)}: {why}. Check jmap_url, and the server's idea of its own URL.", status=200)


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
