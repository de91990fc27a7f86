"""Discovery of the sandbox, and who may use it."""

import json
from base64 import b64encode
from typing import Any

from mailroom.sandbox.options import SandboxOptions
from tests.sandbox.driver import ORIGIN, SandboxTestCase


class Discovery(SandboxTestCase):
    def session(self) -> dict[str, Any]:
        return dict(json.loads(self.fetch("GET", "/jmap/session")[2]))

    def test_well_known(self) -> None:
        """The well-known URL redirects, without asking who it is."""
        status, headers, _ = self.fetch("GET", "/.well-known/jmap", headers={"Authorization": ""})
        assert (status, headers.getRawHeaders("location")) == (301, [f"{ORIGIN}/jmap/session"])

    def test_session(self) -> None:
        """The Session names the account for each of its capabilities, and not for the core."""
        session = self.session()
        offered = {f"urn:ietf:params:jmap:{name}" for name in ("mail", "contacts", "sieve")}
        assert session["primaryAccounts"] == dict.fromkeys(offered, "sandbox")
        assert offered <= set(session["accounts"]["sandbox"]["accountCapabilities"])
        assert session["apiUrl"] == f"{ORIGIN}/jmap/api"

    def test_credentials(self) -> None:
        """A token or a password lets in; anything else is told how to ask."""
        login = b64encode(f"{self.options.username}:{self.options.password}".encode()).decode()
        rows = {f"Bearer {self.options.token}": 200, f"Basic {login}": 200, "Bearer other": 401, "": 401}
        for authorization, status in rows.items():
            answer = self.fetch("GET", "/jmap/session", headers={"Authorization": authorization})
            assert answer[0] == status, authorization
            assert answer[1].hasHeader("www-authenticate") == (status == 401)

    def test_revoked_token(self) -> None:
        """What is no longer accepted is refused from the next request on."""
        self.sandbox.accepted.clear()
        assert self.fetch("GET", "/jmap/session")[0] == 401

    def test_no_carddav(self) -> None:
        """A server with JMAP contacts alone has no CardDAV."""
        assert self.fetch("GET", "/.well-known/carddav")[0] == 404
        assert self.fetch("PROPFIND", "/dav/addressbooks/user/sandbox/")[0] == 404

    def test_wrong_method(self) -> None:
        """A URL knows its methods."""
        assert self.fetch("PUT", "/jmap/api")[0] == 405


class RelativeUrls(SandboxTestCase):
    options = SandboxOptions(relative_urls=True, contacts="carddav")

    def test_session(self) -> None:
        """URLs may be relative, and contacts may be no matter of JMAP."""
        session = json.loads(self.fetch("GET", "/jmap/session")[2])
        urls = [session[name] for name in ("apiUrl", "eventSourceUrl", "uploadUrl", "downloadUrl")]
        assert all(url.startswith("/jmap/") for url in urls)
        assert "urn:ietf:params:jmap:contacts" not in session["capabilities"]
