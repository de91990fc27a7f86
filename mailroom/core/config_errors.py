"""What is wrong with the settings, in words for the person who wrote them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from mailroom.core.categories import Category
from mailroom.core.errors import MailroomError
from mailroom.core.printable import one_line
from mailroom.core.setting_names import inner_keys, meant_settings, meant_value
from mailroom.core.suggestions import did_you_mean, nearest, or_rather

_MAX_QUOTE: Final = 60
_TYPO: Final = 0.8
_ENTRY_COMMON: Final = frozenset({"to"})
"""What tells no key of a category from another."""
_PRIVATE: Final = ("_token", "_password", "_url")
"""Endings of the settings whose values stay out of messages: secrets, and URLs, for people put passwords there."""


@dataclass(frozen=True, slots=True)
class UnknownVariable:
    """What stands for the value of an environment variable that is no setting's, and most likely means others."""

    meant: tuple[str, ...]


class ConfigurationError(MailroomError):
    """The settings cannot be used. Its text lists every problem, each on a line of its own."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(map(one_line, problems))
        super().__init__(*self.problems)

    def __str__(self) -> str:
        return "\n".join(["The settings cannot be used:", *(f"  - {problem}" for problem in self.args)])


def explain(refusal: ValidationError, known: Mapping[str, FieldInfo]) -> list[str]:
    """A sentence or two for each thing that pydantic found: the setting, its value unless private, and the remedy.

    `known` holds the settings there are, by name.
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
        return _unknown(setting, error["input"], known)
    value = "the value given (not shown here)" if setting.endswith(_PRIVATE) else _quoted(error["input"])
    meant = meant_value(error["input"], _choices(field))
    hint = or_rather([meant]) if meant is not None else _quotes_missing(error)
    return f"{setting}: {value} is refused. It takes {field.description}.{hint}"


def _unknown(setting: str, value: object, known: Mapping[str, FieldInfo]) -> str:
    """What to write in place of a name that is no setting's. A value is told only as one of a setting's own words."""
    match value:
        case UnknownVariable():
            return f"{setting}: there is no such setting.{or_rather(value.meant)} Correct or remove it."
        case Mapping() if value:
            instead = " ".join(_in_place_of(key, inner, known) for key, inner in inner_keys(value, setting))
            return f"{setting}: there is no such setting, and settings are not nested. {instead}"
        case _:
            return (
                f"{setting}: there is no such setting.{or_rather(_meant(setting, value, known))} Correct or remove it."
            )


def _in_place_of(key: str, value: object, known: Mapping[str, FieldInfo]) -> str:
    name = key.rpartition(".")[2]
    meant = [name] if name in _settable(known) else _meant(key, value, known)
    if not meant:
        return f"There is nothing like {key}: remove it."
    choice = meant_value(value, _choices(known[meant[0]]))
    return f"In place of {key} write {' or '.join(meant)}{f': {choice}' if choice else ''}."


def _meant(name: str, value: object, known: Mapping[str, FieldInfo]) -> Sequence[str]:
    """The settings that a name means, by its words or as a slip of the pen. A switch means a switch if there is one."""
    names = _settable(known)
    switches = [each for each in names if known[each].annotation is bool] if isinstance(value, bool) else []
    slip = nearest(name, names, _TYPO)
    return meant_settings(name, switches) or ([slip] if slip else meant_settings(name, names))


def _settable(known: Iterable[str]) -> list[str]:
    """The settings that a file may have: all but the one that names it."""
    return [each for each in known if each != "config"]


def _choices(field: FieldInfo) -> tuple[str, ...]:
    return tuple(each for each in get_args(field.annotation) if isinstance(each, str))


def _entry_problem(error: ErrorDetails) -> str:
    _setting, index, *rest = error["loc"]
    entry = f"categories, entry {int(index) + 1}"
    key = str(rest[0]) if rest else ""
    known = [field.name for field in fields(Category)]
    if not rest:
        return f"{entry}: {_quoted(error['input'])} is refused. Give a name, or a mapping with a name."
    if key not in known:
        meant = or_rather(meant_settings(key, known, _ENTRY_COMMON)) or did_you_mean(key, known)
        return f"{entry}: there is no key '{key}'.{meant} Correct or remove it."
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
