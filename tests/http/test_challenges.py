"""A login that is refused for its kind is told from one that is wrong."""

import pytest
from twisted.web.http_headers import Headers

from mailroom.http.challenges import unknown_logins


class TestDigestOnly:
    """A server that takes no kind of login that Mailroom has is told as such, and what to do about it."""

    @pytest.mark.parametrize(
        ("challenges", "names"),
        [
            (['Digest realm="Mail", nonce="abc", qop="auth"'], "Digest"),
            (['DIGEST realm="Mail, Basic realm=x", nonce = "abc"'], "Digest"),
            (["Negotiate", "NTLM"], "Negotiate, NTLM"),
            (['Digest realm="a\\", Basic "', "Digest algorithm=MD5"], "Digest"),
            (["Digest realm=a, Negotiate"], "Digest, Negotiate"),
            (["sekret-token-1"], "another kind"),
        ],
    )
    def test_others_are_named(self, challenges: list[str], names: str) -> None:
        """Whatever their parameters say; a name that nobody knows may be anything, and is not repeated."""
        advice = unknown_logins(Headers({"WWW-Authenticate": challenges}))
        assert advice.startswith(f"The server takes only logins by {names}, which Mailroom does not support: ")

    @pytest.mark.parametrize(
        "challenges",
        [
            [],
            [""],
            [","],
            ['Basic realm="Mail"'],
            ["basic"],
            ["Bearer"],
            ['Digest realm="a", nonce="b", Basic realm="Mail"'],
            ['Digest realm="a"', 'Basic realm="a"'],
            ['Negotiate, Basic realm="a"'],
            ["realm=Mail"],
        ],
    )
    def test_one_that_will_do_is_enough(self, challenges: list[str]) -> None:
        """And nothing is said of a server that says nothing itself."""
        assert unknown_logins(Headers({"WWW-Authenticate": challenges})) == ""
