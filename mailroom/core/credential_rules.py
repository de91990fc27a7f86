"""Which credentials contradict one another, or are only half there."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

_SECRETS: Final = ("jmap_token", "jmap_password", "carddav_password")


def credential_problems(given: AbstractSet[str]) -> Iterator[str]:
    """What is wrong with giving these settings together, each with the remedy."""
    for secret in _SECRETS:
        if {secret, f"{secret}_file"} <= given:
            yield f"{secret}, {secret}_file: both are given. Keep one of them."
    for service in ("jmap", "carddav"):
        has_username = f"{service}_username" in given
        has_password = _is_given(f"{service}_password", given)
        if has_username and not has_password:
            yield (
                f"{service}_username: given without a password. "
                f"Add {service}_password or {service}_password_file, or remove it."
            )
        if has_password and not has_username:
            yield f"{service}_password: given without a user name. Add {service}_username, or remove the password."
    if _is_given("jmap_token", given) and _is_given("jmap_password", given):
        yield (
            "jmap_token, jmap_password: both a token and a password are given. Keep one of them; "
            "a password for the address book alone belongs into carddav_password."
        )


def _is_given(secret: str, given: AbstractSet[str]) -> bool:
    return not given.isdisjoint({secret, f"{secret}_file"})
