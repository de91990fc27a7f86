"""Credentials that contradict one another, or are half there, are refused."""

import pytest

from mailroom.core.credential_rules import credential_problems


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
