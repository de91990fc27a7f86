"""A stored script as the server shows it."""

from typing import Any

import pytest

from mailroom.jmap.errors import MethodError
from mailroom.routing.storage import Script


@pytest.mark.parametrize("is_active", [None, "yes", 1, []])
def test_whether_a_script_is_active_is_never_guessed(is_active: Any) -> None:
    """Taken for inactive, the user's own script would be put out of its place."""
    with pytest.raises(MethodError, match="active"):
        Script.from_jmap({"id": "S1", "name": "mine", "blobId": "B1", "isActive": is_active})


def test_other_members_of_another_type_are_none() -> None:
    """A script without a name or a text is neither ours nor read."""
    assert Script.from_jmap({"id": "S1", "name": 3, "blobId": [], "isActive": True}) == Script("S1", "", "", True)  # noqa: FBT003 - a member
