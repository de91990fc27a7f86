"""What is wrong with the settings, in words for the person who wrote them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from mailroom.core.categories import Category
from mailroom.core.errors import MailroomError
from mailroom.core.suggestions import did_you_mean

_MAX_QUOTE: Final = 60
_PRIVATE: Final = ("_token", "_password", "_url")
"""Endings of the settings whose values stay out of messages: secrets, and URLs, for people put passwords there."""


class ConfigurationError(MailroomError):
    """The settings cannot be used. Its text lists every problem, each on a line of its own."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(["The settings cannot be used:", *(f"  - {problem}" for problem in self.problems)]))


def explain(refusal: ValidationError, known: Mapping[str, FieldInfo]) -> list[str]:
    """A sentence or two for each thing that pydantic found: the setting, its value unless private, and the remedy.

    `known` holds the settings there are, by name or environment variable.
    """
    sentences = [
        _entry_problem(error) if len(error["loc"]) > 1 and error["loc"][0] == "categories" else _problem(error, known)
        for error in refusal.errors(include_url=False)
    ]
    return list(dict.fromkeys(sentences))


def without(data: Any, path: Sequence[int | str]) -> Any:
    """A copy of nested mappings and lists that lacks what the path leads to, or the deepest thing on it there is."""
    key, *rest = path
    below = data[key]
    kept = dict(data) if isinstance(data, Mapping) else dict(enumerate(data))
    if rest and (rest[0] in below if isinstance(below, Mapping) else isinstance(below, list | tuple)):
        kept[key] = without(below, rest)
    else:
        del kept[key]
    return kept if isinstance(data, Mapping) else list(kept.values())


def _problem(error: ErrorDetails, known: Mapping[str, FieldInfo]) -> str:
    setting = str(error["loc"][0])
    field = known.get(setting)
    if field is None:
        return f"{setting}: there is no such setting.{did_you_mean(setting, known)} Correct or remove it."
    value = "the value given (not shown here)" if setting.endswith(_PRIVATE) else _quoted(error["input"])
    return f"{setting}: {value} is refused. It takes {field.description}.{_quotes_missing(error)}"


def _entry_problem(error: ErrorDetails) -> str:
    _setting, index, *rest = error["loc"]
    entry = f"categories, entry {int(index) + 1}"
    key = str(rest[0]) if rest else ""
    known = [field.name for field in fields(Category)]
    if not rest:
        return f"{entry}: {_quoted(error['input'])} is refused. Give a name, or a mapping with a name."
    if key not in known:
        return f"{entry}: there is no key '{key}'.{did_you_mean(key, known)} Correct or remove it."
    if error["type"] == "missing":
        return f"{entry}: the {key} is missing. Add one."
    reason = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{entry}: {key} {_quoted(error['input'])} is refused: it {reason}.{_quotes_missing(error)}"


def _quoted(value: object) -> str:
    match value:
        case None:
            return "no value"
        case bool() | int() | float():
            return str(value).lower()
        case str():
            return repr(value if len(value) <= _MAX_QUOTE else f"{value[:_MAX_QUOTE]}...")
        case Mapping():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return f"a {type(value).__name__}"


def _quotes_missing(error: ErrorDetails) -> str:
    is_number = error["type"] == "string_type" and isinstance(error["input"], int | float)
    return " Put it in quotes." if is_number else ""
