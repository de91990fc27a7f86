"""The Session object (RFC 8620 section 2)."""

from typing import Any, Final

from mailroom.sandbox.jmap.contact_methods import CONTACTS, CYRUS_CONTACTS
from mailroom.sandbox.jmap.core import CORE
from mailroom.sandbox.jmap.mailbox_methods import MAIL
from mailroom.sandbox.jmap.sieve_methods import SIEVE, sieve_capability
from mailroom.sandbox.options import Limits, SandboxOptions

SESSION_PATH: Final = "/jmap/session"
API_PATH: Final = "/jmap/api"
EVENT_SOURCE_PATH: Final = "/jmap/eventsource"


def account_capabilities(options: SandboxOptions) -> dict[str, Any]:
    """What the account offers, with the limits of each capability."""
    mail = {
        "maxMailboxesPerEmail": None,
        "maxMailboxDepth": None,
        "maxSizeMailboxName": 490,
        "maxSizeAttachmentsPerEmail": options.limits.max_size_upload,
        "emailQuerySortOptions": ["receivedAt", "size", "subject", "from"],
        "mayCreateTopLevelMailbox": not options.read_only,
    }
    contacts = {"maxAddressBooksPerCard": 1, "mayCreateAddressBook": False}
    return {
        MAIL: mail,
        **({CYRUS_CONTACTS: {}} if options.contacts == "carddav" else {CONTACTS: contacts}),
        **({} if options.sieve is None else {SIEVE: sieve_capability(options.sieve)}),
    }


def session_object(options: SandboxOptions, base_url: str, state: str) -> dict[str, Any]:
    """The Session; its URLs begin with `base_url`, or with a slash if that is empty."""
    capabilities = account_capabilities(options)
    account = {
        "name": options.username,
        "isPersonal": True,
        "isReadOnly": options.read_only,
        "accountCapabilities": {CORE: {}, **capabilities},
    }
    session = {
        "capabilities": {CORE: _core(options.limits), **{name: {} for name in capabilities}},
        "accounts": {options.account_id: account},
        "primaryAccounts": dict.fromkeys(capabilities, options.account_id),
        "username": options.username,
        "apiUrl": f"{base_url}{API_PATH}",
        "downloadUrl": f"{base_url}/jmap/download/{{accountId}}/{{blobId}}/{{name}}?accept={{type}}",
        "uploadUrl": f"{base_url}/jmap/upload/{{accountId}}/",
        "state": state,
    }
    if options.push:
        query = "types={types}&closeafter={closeafter}&ping={ping}"
        session["eventSourceUrl"] = f"{base_url}{EVENT_SOURCE_PATH}?{query}"
    return session


def _core(limits: Limits) -> dict[str, Any]:
    return {
        "maxSizeUpload": limits.max_size_upload,
        "maxConcurrentUpload": limits.max_concurrent_upload,
        "maxSizeRequest": limits.max_size_request,
        "maxConcurrentRequests": limits.max_concurrent_requests,
        "maxCallsInRequest": limits.max_calls_in_request,
        "maxObjectsInGet": limits.max_objects_in_get,
        "maxObjectsInSet": limits.max_objects_in_set,
        "collationAlgorithms": ["i;ascii-casemap"],
    }
