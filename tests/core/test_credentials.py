"""Credentials authorize, follow their files, and never show."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from mailroom.core.credentials import (
    BasicLogin,
    BearerToken,
    CredentialsError,
    Secret,
    credential_problems,
    exposed_origin,
)


def test_a_token_is_sent_as_bearer() -> None:
    """RFC 6750 section 2.1."""
    assert BearerToken(Secret("jmap_token", SecretStr("abc"))).authorization() == "Bearer abc"


def test_a_login_is_sent_as_utf_8_basic() -> None:
    """RFC 7617 section 2.1: user name and password in UTF-8, then base64."""
    login = BasicLogin("test", Secret("jmap_password", SecretStr("123£")))
    assert login.authorization() == "Basic dGVzdDoxMjPCow=="


def test_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    """A rotated token is used from the next request on."""
    file = tmp_path / "token"
    file.write_text("old\n")
    credentials = BearerToken(Secret("jmap_token_file", file))
    before = credentials.authorization()
    file.write_text("new\n")
    assert (before, credentials.authorization()) == ("Bearer old", "Bearer new")


def test_a_missing_file_is_named_with_its_setting(tmp_path: Path) -> None:
    """Whoever has to act must know which setting and which file."""
    with pytest.raises(CredentialsError, match=r"jmap_token_file: cannot read .*/token \(FileNotFoundError\)"):
        Secret("jmap_token_file", tmp_path / "token").read()


@pytest.mark.parametrize("content", [b"", b" \n", b"sekret\nsekret", b"sek\x00ret"])
def test_a_file_with_anything_but_one_line_is_refused(tmp_path: Path, content: bytes) -> None:
    """A line feed inside would end the header that the secret is sent in; the content itself is not quoted."""
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(CredentialsError, match=r"^((?!sek).)*one line((?!sek).)*$"):
        Secret("jmap_token_file", file).read()


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    """It fails as other unreadable files do."""
    file = tmp_path / "token"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(CredentialsError, match="UnicodeDecodeError"):
        Secret("jmap_token_file", file).read()


def test_secrets_do_not_show() -> None:
    """Neither as they are nor inside of what holds them."""
    login = BasicLogin("me", Secret("jmap_password", SecretStr("sekret")))
    assert "sekret" not in repr(login)


@pytest.mark.parametrize(
    "given",
    [
        set(),
        {"jmap_token"},
        {"jmap_token_file"},
        {"jmap_username", "jmap_password"},
        {"jmap_username", "jmap_password_file"},
        {"jmap_token", "carddav_username", "carddav_password_file"},
        {"jmap_username", "jmap_password", "carddav_username", "carddav_password"},
    ],
)
def test_whole_credentials_will_do(given: set[str]) -> None:
    """One set for JMAP, and one for CardDAV if it is another."""
    assert list(credential_problems(given)) == []


@pytest.mark.parametrize(
    ("given", "start"),
    [
        ({"jmap_token", "jmap_token_file"}, "jmap_token, jmap_token_file: both are given."),
        (
            {"jmap_username", "jmap_password", "jmap_password_file"},
            "jmap_password, jmap_password_file: both are given.",
        ),
        (
            {"carddav_username", "carddav_password", "carddav_password_file"},
            "carddav_password, carddav_password_file: both are given.",
        ),
        ({"jmap_username"}, "jmap_username: given without a password."),
        ({"jmap_token", "jmap_username"}, "jmap_username: given without a password."),
        ({"jmap_password_file"}, "jmap_password: given without a user name."),
        ({"carddav_username"}, "carddav_username: given without a password."),
        ({"carddav_password"}, "carddav_password: given without a user name."),
        (
            {"jmap_token", "jmap_username", "jmap_password_file"},
            "jmap_token, jmap_password: both a token and a password are given.",
        ),
    ],
)
def test_each_contradiction_is_told_once(given: set[str], start: str) -> None:
    """It names the settings first, and goes on with a remedy."""
    (problem,) = credential_problems(given)
    assert problem.startswith(f"{start} ")


@pytest.mark.parametrize("content", [b"abc\r\n", b"\xef\xbb\xbfabc", b"\xef\xbb\xbfabc\r\n"])
def test_what_editors_add_is_no_part_of_a_secret(tmp_path: Path, content: bytes) -> None:
    """A byte order mark would end up in the header."""
    (tmp_path / "token").write_bytes(content)
    assert Secret("jmap_token_file", tmp_path / "token").read() == "abc"


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "is empty"), ("abc".encode("utf-16"), "in UTF-16"), (b"sekret\0", "no NUL")]
)
def test_what_is_wrong_with_a_secret_is_said(tmp_path: Path, content: bytes, said: str) -> None:
    """Without quoting it."""
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(CredentialsError, match=rf"^jmap_token_file: ((?!sek).)*{said}((?!sek).)*$"):
        Secret("jmap_token_file", tmp_path / "token").read()


@pytest.mark.parametrize(
    "url",
    [
        "https://mail.example.com/",
        "http://127.0.0.1:8080/",
        "http://127.255.0.1/",
        "http://[::1]:8080/",
        "http://[::ffff:127.0.0.1]/",
        "http://localhost/",
        "http://LOCALHOST:80/",
    ],
)
def test_https_and_loopback_expose_nothing(url: str) -> None:
    """What is sent there is read by nobody on the way."""
    assert exposed_origin(url) is None


@pytest.mark.parametrize(
    "host",
    [
        "mail.example.com:8080",
        "192.0.2.7",
        "0.0.0.0",  # noqa: S104 - not listened on
        "[::]",
        "[2001:db8::1]:80",
        "[::ffff:192.0.2.7]",
        "127.0.0.1.example.com",
        "localhost.example.com",
        "2130706433",
        "127.1",
    ],
)
def test_plain_http_to_anything_else_exposes_what_is_sent(host: str) -> None:
    """Names that look like loopback and numbers that only some programs read so are anybody's."""
    assert exposed_origin(f"http://{host}/jmap") == f"http://{host}"
