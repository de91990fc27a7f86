"""The templates that JMAP's URLs come as: RFC 6570 at level 1, as RFC 8620 section 2 asks."""

import re
from typing import Final
from urllib.parse import quote

_VARIABLE: Final = r"(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+"
_EXPRESSION: Final = re.compile(rf"\{{({_VARIABLE}(?:\.{_VARIABLE})*)\}}")


def is_template(url: str) -> bool:
    """Whether there is anything to expand."""
    return _EXPRESSION.search(url) is not None


def expand(template: str, **variables: str | int) -> str:
    """The template with each `{name}` replaced by its value, whose reserved and non-ASCII characters are encoded.

    A variable without a value becomes nothing (RFC 6570 section 3.2.1). Expressions of higher levels stay as they are,
    for the server to complain about.
    """
    return _EXPRESSION.sub(lambda expression: quote(str(variables.get(expression[1], "")), safe=""), template)
