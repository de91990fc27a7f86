from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.jmap.errors import NoAccount, NotJmap
from mailroom.jmap.session import CONTACTS, CORE, MAIL, Limits, Session, parse_session

URL = "https://mail.example/jmap/session"
UNUSABLE = [
    "http://mail.example/api",
    "ftp://mail.example/",
    "https://ann:hush@mail.example/",
    "https://[",
    "https://mail.example:99999/",
]


def document(**members: Any) -> dict[str, Any]:
    """A session in which mail and contacts live in different accounts, and a shared account comes first."""
    return {
        "username": "ann@example.com",
        "state": "s1",
        "apiUrl": "/jmap/api",
        "eventSourceUrl": "/events?types={types}&closeafter={closeafter}&ping={ping}",
        "capabilities": {CORE: {"maxCallsInRequest": 5, "maxSizeRequest": 1000}, MAIL: {}, CONTACTS: {}},
        "accounts": {
            "shared": {"name": "Shared", "isReadOnly": True, "accountCapabilities": {MAIL: {}, CONTACTS: {}}},
            "mail": {"name": "Ann", "isReadOnly": False, "accountCapabilities": {MAIL: {}}},
            "cards": {"name": "Cards", "accountCapabilities": {CONTACTS: {}}},
        },
        "primaryAccounts": {MAIL: "mail", CONTACTS: "cards"},
        **members,
    }


def parse(account_id: str | None = None, /, url: str = URL, **members: Any) -> Session:
    return parse_session(document(**members), url, account_id)


class TestUrls:
    @pytest.mark.parametrize(
        ("reference", "absolute"),
        [
            ("/jmap/", "https://mail.example/jmap/"),
            ("api", "https://mail.example/jmap/api"),
            ("https://api.mail.example:8443/x", "https://api.mail.example:8443/x"),
            ("//other.example/x", "https://other.example/x"),
        ],
    )
    def test_resolved(self, reference: str, absolute: str) -> None:
        """URLs are resolved against the one that the session came from, and may lead to other hosts."""
        assert parse(apiUrl=reference).api_url == absolute

    def test_template_survives(self) -> None:
        """A template is made absolute, and stays a template."""
        template = "https://mail.example/events?types={types}&closeafter={closeafter}&ping={ping}"
        assert parse().event_source_url == template

    def test_no_event_source(self) -> None:
        """A server without push names no URL for it."""
        assert parse(eventSourceUrl=None).event_source_url is None

    def test_blobs(self) -> None:
        """Where they go and come from is a template each, or not told."""
        session = parse(uploadUrl="/up/{accountId}/")
        assert (session.upload_url, session.download_url) == ("https://mail.example/up/{accountId}/", None)

    @pytest.mark.parametrize("reference", UNUSABLE)
    def test_refused(self, reference: str) -> None:
        """Credentials go nowhere but over https, and not beside others in the URL."""
        with pytest.raises(NotJmap):
            parse(apiUrl=reference)

    @pytest.mark.parametrize("member", ["event_source", "upload", "download"])
    @pytest.mark.parametrize("reference", UNUSABLE)
    def test_refused_where_it_is_needed(self, member: str, reference: str) -> None:
        """A URL that not everybody needs, and that cannot be used, is an error for who needs it alone."""
        session = parse(eventSourceUrl=reference, uploadUrl=reference, downloadUrl=reference)
        assert session.api_url == "https://mail.example/jmap/api"
        with pytest.raises(NotJmap):
            getattr(session, f"{member}_url")

    def test_plain_http_stays(self) -> None:
        """A session that came over http, as from a server on the same host, may name http URLs."""
        assert parse(url="http://127.0.0.1:8080/s").api_url == "http://127.0.0.1:8080/jmap/api"


class TestAccounts:
    def test_primary(self) -> None:
        """Each capability has its primary account."""
        assert (parse().account_id(MAIL), parse().account_id(CONTACTS)) == ("mail", "cards")

    def test_configured(self) -> None:
        """A configured account is used for all that it has."""
        session = parse("shared")
        assert (session.account_id(MAIL), session.account_id(CONTACTS)) == ("shared", "shared")

    def test_configured_without_the_capability(self) -> None:
        """What the configured account has not is left to the primary one."""
        assert parse("mail").account_id(CONTACTS) == "cards"

    def test_never_simply_the_first(self) -> None:
        """Without a primary account, the error lists what could be configured."""
        with pytest.raises(NoAccount, match=r"shared \(Shared\), mail \(Ann\), cards \(Cards\)"):
            parse(primaryAccounts={}).account_id(MAIL)

    def test_unknown_configured(self) -> None:
        """A configured account that does not exist is an error, not a reason to take another."""
        with pytest.raises(NoAccount, match="account_id"):
            parse("typo").account_id(MAIL)

    @pytest.mark.parametrize(
        "members",
        [
            {"primaryAccounts": {}},
            {"primaryAccounts": {CONTACTS: "mail"}},
            {"primaryAccounts": {CONTACTS: "nobody"}},
            {"capabilities": {CORE: {}, MAIL: {}}},
        ],
    )
    def test_not_offered(self, members: dict[str, Any]) -> None:
        """A capability is offered only by the server and the account that would be used for it."""
        assert not parse(**members).offers(CONTACTS)

    def test_offered(self) -> None:
        """Where server and account have it, a capability is offered."""
        assert parse().offers(CONTACTS)

    def test_capabilities_not_stated_per_account(self) -> None:
        """A server that states no capabilities per account is believed what it calls primary."""
        assert parse(accounts={"mail": {}}).account_id(MAIL) == "mail"

    def test_what_an_account_says_of_a_capability(self) -> None:
        """The account that would be used for it is asked, and may say nothing."""
        stated = parse(accounts={"mail": {"accountCapabilities": {MAIL: {"maxMailboxDepth": 3}}}})
        assert stated.account_capability(MAIL) == {"maxMailboxDepth": 3}
        assert parse(accounts={"mail": {}}).account_capability(MAIL) == {}

    def test_read_only(self) -> None:
        """Whether an account is read only is the account's own."""
        assert parse("shared").is_read_only(MAIL)
        assert not parse().is_read_only(MAIL)


class TestLimits:
    def test_stated(self) -> None:
        """What the server states holds, also below the minima; the rest is what RFC 8620 suggests."""
        assert parse().limits == Limits(max_calls_in_request=5, max_size_request=1000)

    @pytest.mark.parametrize("value", [0, -1, "16", None, 1.5])
    def test_unusable(self, value: object) -> None:
        """A limit that makes no sense counts as not stated."""
        assert parse(capabilities={CORE: {"maxCallsInRequest": value}}).limits == Limits()


@pytest.mark.parametrize("value", [None, [], "session", {}, {"apiUrl": None}, {"apiUrl": 3}])
def test_no_session(value: object) -> None:
    """A document without an API URL is no session."""
    with pytest.raises(NotJmap, match="jmap_url"):
        parse_session(value, URL)


@pytest.mark.parametrize("member", sorted(document().keys() - {"apiUrl"}))
def test_missing_member(member: str) -> None:
    """Every member but the API URL may be missing."""
    members = document()
    del members[member]
    assert parse_session(members, URL).api_url == "https://mail.example/jmap/api"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(document(), JSON)))
def test_any_document(members: dict[str, Any]) -> None:
    """Whatever a server makes of a session, it is one or it is refused."""
    try:
        session = parse_session(members, URL)
    except NotJmap:
        return
    assert session.offers(MAIL) in {True, False}


class TestMailboxRights:
    @pytest.mark.parametrize(
        ("account", "granted"),
        [
            ({"accountCapabilities": {MAIL: {"mayCreateTopLevelMailbox": True}}}, True),
            ({"accountCapabilities": {MAIL: {"mayCreateTopLevelMailbox": False}}}, False),
            ({"accountCapabilities": {MAIL: {}}}, True),
            ({"isReadOnly": True, "accountCapabilities": {MAIL: {}}}, False),
        ],
    )
    def test_the_right_to_create_mailboxes(self, account: dict[str, Any], granted: bool) -> None:  # noqa: FBT001 - a column
        """RFC 8621 section 1.3.1; a server that says nothing is tried."""
        assert parse(accounts={"mail": account}).may_create_mailboxes is granted
