"""What a method call may say: the arguments of the standard methods, and of which type each must be."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from mailroom.sandbox.errors import invalid_arguments

Arguments = dict[str, Any]
Schema = Mapping[str, Callable[[Any], bool]]


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_count(value: Any) -> bool:
    return is_integer(value) and value >= 0


def is_positive(value: Any) -> bool:
    return is_integer(value) and value > 0


def is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_text, value))


def is_object(value: Any) -> bool:
    return isinstance(value, dict)


def is_objects(value: Any) -> bool:
    return isinstance(value, dict) and all(map(is_object, value.values()))


def is_object_list(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_object, value))


GET: Final[Schema] = {"ids": is_texts, "properties": is_texts}
CHANGES: Final[Schema] = {"sinceState": is_text, "maxChanges": is_positive}
SET: Final[Schema] = {"ifInState": is_text, "create": is_objects, "update": is_objects, "destroy": is_texts}
QUERY: Final[Schema] = {
    "filter": is_object,
    "sort": is_object_list,
    "position": is_integer,
    "anchor": is_text,
    "anchorOffset": is_integer,
    "limit": is_count,
    "calculateTotal": is_flag,
}
QUERY_CHANGES: Final[Schema] = {
    "filter": is_object,
    "sort": is_object_list,
    "sinceQueryState": is_text,
    "maxChanges": is_positive,
    "upToId": is_text,
    "calculateTotal": is_flag,
}


def checked(arguments: Arguments, schema: Schema) -> Arguments:
    """The arguments without those that are null, which means the same as absent; `invalidArguments` for wrong ones."""
    given = {name: value for name, value in arguments.items() if value is not None}
    wrong = [name for name, value in given.items() if name not in schema or not schema[name](value)]
    if wrong:
        raise invalid_arguments(*wrong)
    return given
