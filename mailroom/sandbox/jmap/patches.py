"""PatchObjects (RFC 8620 section 5.3) on whole JSON objects."""

from copy import deepcopy
from typing import Any

from mailroom.sandbox.errors import SetError, invalid_properties


def patched(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """A copy of an object with a patch applied; `invalidPatch` for a path whose parent is not there.

    A whole property and paths into it may come in one patch, as a Cyrus allows: the whole one goes first.
    """
    result = deepcopy(target)
    for path, value in sorted(patch.items(), key=lambda item: item[0].count("/")):
        _apply(result, path, value)
    return result


def _apply(target: dict[str, Any], path: str, value: Any) -> None:
    if path.startswith("/"):
        raise invalid_properties(path)
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")]
    for parent in parents:
        if not isinstance(target.get(parent), dict):
            raise SetError("invalidPatch", properties=[path])
        target = target[parent]
    if value is None:
        target.pop(last, None)
    else:
        target[last] = value
