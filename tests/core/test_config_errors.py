"""Refused values are cut out of what was given, and nothing else is."""

from typing import Any

import pytest

from mailroom.core.config_errors import ConfigurationError, without


@pytest.mark.parametrize(
    ("path", "rest"),
    [
        (("a",), {"b": [{"c": 1, "d": 2}, "e"]}),
        (("a", "int"), {"b": [{"c": 1, "d": 2}, "e"]}),
        (("b", 0, "c"), {"a": 5, "b": [{"d": 2}, "e"]}),
        (("b", 0, "missing"), {"a": 5, "b": ["e"]}),
        (("b", 1, "name"), {"a": 5, "b": [{"c": 1, "d": 2}]}),
    ],
)
def test_the_deepest_thing_on_the_path_is_cut_out(path: tuple[int | str, ...], rest: dict[str, Any]) -> None:
    """What lacks a required part is of no use as a whole."""
    assert without({"a": 5, "b": [{"c": 1, "d": 2}, "e"]}, path) == rest


def test_what_was_given_stays_as_it_was() -> None:
    """Callers pass their own objects as settings."""
    data = {"b": [{"c": 1}]}
    without(data, ("b", 0, "c"))
    assert data == {"b": [{"c": 1}]}


def test_an_error_lists_its_problems_one_a_line() -> None:
    """Its text goes to a terminal as it is."""
    assert str(ConfigurationError(["a: bad.", "b: worse."])) == (
        "The settings cannot be used:\n  - a: bad.\n  - b: worse."
    )
