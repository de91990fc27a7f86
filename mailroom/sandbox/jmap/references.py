"""Arguments that are taken from the response to an earlier call of the same request (RFC 8620 section 3.7)."""

from typing import Any

from mailroom.sandbox.errors import MethodError, invalid_arguments
from mailroom.sandbox.jmap.arguments import Arguments


def resolve_references(arguments: Arguments, responses: list[list[Any]]) -> Arguments:
    """The arguments with each `#name` replaced by the `name` that it refers to."""
    resolved: Arguments = {}
    for name, value in arguments.items():
        if not name.startswith("#"):
            resolved[name] = value
        elif name[1:] in arguments:
            raise invalid_arguments(name)
        else:
            resolved[name[1:]] = _referred(value, responses)
    return resolved


def _referred(reference: Any, responses: list[list[Any]]) -> Any:
    match reference:
        case {"resultOf": str(wanted), "name": str(name), "path": str(path)} if path.startswith("/"):
            for response_name, result, call_id in responses:
                if (response_name, call_id) == (name, wanted):
                    return _evaluate(result, path[1:].split("/"))
    raise MethodError("invalidResultReference")


def _evaluate(value: Any, path: list[str]) -> Any:
    """What a JSON pointer with `*` points at; `*` maps the rest of the path over an array and flattens the results."""
    if not path:
        return value
    part, rest = path[0].replace("~1", "/").replace("~0", "~"), path[1:]
    if isinstance(value, list) and part == "*":
        results = [_evaluate(entry, rest) for entry in value]
        return [item for result in results for item in (result if isinstance(result, list) else [result])]
    if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
        return _evaluate(value[int(part)], rest)
    if isinstance(value, dict) and part in value:
        return _evaluate(value[part], rest)
    raise MethodError("invalidResultReference")
