"""Ours as a part of the user's own script."""

import pytest

from mailroom.routing.sieve_include import include_lines, includes


@pytest.mark.parametrize(
    "script",
    [
        "\r\n".join(include_lines("mailroom")),
        'require ["include", "fileinto"];\ninclude "mailroom";',
        'INCLUDE "mailroom";',
        'redirect "; include"; include "mailroom";',
        'if true { include :personal :once "mailroom"; }',
        'keep; /* ours */ include # now\n "mailroom";',
    ],
)
def test_included(script: str) -> None:
    """Wherever it stands, and however it is written."""
    assert includes(script, "mailroom")


@pytest.mark.parametrize(
    "script",
    [
        "",
        '# include "mailroom";',
        '/* include :personal "mailroom"; */ keep;',
        'include :global "mailroom";',
        'include :GLOBAL "mailroom";',
        'include "mailroom2";',
        "include",
        'redirect "include :personal; "; fileinto "mailroom";',
        'redirect "include"; fileinto "mailroom";',
    ],
)
def test_not_included(script: str) -> None:
    """A comment is none, nor is another script, nor another user's."""
    assert not includes(script, "mailroom")
