"""Ours as a part of the user's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.routing.sieve_include import Inclusion, include_lines, inclusion

REQUIRE = 'require ["include", "fileinto", "variables"];\r\n'


def verdict(script: str) -> Inclusion:
    return inclusion(REQUIRE + script, "mailroom")


def test_the_lines_of_the_advice_include() -> None:
    """Who follows the advice is believed."""
    assert inclusion("\r\n".join(include_lines("mailroom")), "mailroom") is Inclusion.YES


@pytest.mark.parametrize(
    "script",
    [
        'include "mailroom";',
        'INCLUDE :Personal "mailroom";',
        'include :once :optional :personal "mailroom";',
        'include "mail\\room";',
        'redirect "; include"; include "mailroom";',
        'if true { include :personal :once "mailroom"; }',
        'if not false { include "mailroom"; }',
        'if false { stop; } include "mailroom";',
        'if header :is "subject" "x" { fileinto "X"; } else { keep; } include "mailroom";',
        'keep; /* ours */ include # now\n "mailroom";',
        'fileinto text:\r\n..\r\nstop;\r\n.\r\n; include "mailroom";',
    ],
)
def test_included(script: str) -> None:
    """By a command that every mail comes to, however it is written."""
    assert verdict(script) is Inclusion.YES


@pytest.mark.parametrize(
    "script",
    [
        "",
        '# include "mailroom";',
        '/* include :personal "mailroom"; */ keep;',
        'redirect text:\r\ninclude "mailroom";\r\n.\r\n;',
        'redirect text: # a note\ninclude "mailroom";\n.\n;',
        'redirect "a\r\ninclude \\"mailroom\\";\r\n";',
        'redirect "a\\\\"; # include "mailroom";',
        'include :global "mailroom";',
        'include :GLOBAL "mailroom";',
        'include "mailroom2";',
        'include "Mailroom";',
        'redirect "include :personal; "; fileinto "mailroom";',
        'redirect "include"; fileinto "mailroom";',
        'stop; include "mailroom";',
        'return; include "mailroom";',
        'if true { stop; } include "mailroom";',
        'if header :is "subject" "x" { stop; } else { stop; } include "mailroom";',
        'if false { include "mailroom"; }',
        'if true { keep; } elsif header :is "subject" "x" { include "mailroom"; }',
    ],
)
def test_not_included(script: str) -> None:
    """Comments and strings hold no commands, other scripts are not ours, and no mail comes behind a stop."""
    assert verdict(script) is Inclusion.NO


@pytest.mark.parametrize(
    "script",
    [
        'if header :is "subject" "x" { include "mailroom"; }',
        'if not header :is "subject" "x" { keep; } else { include "mailroom"; }',
        'if header :is "subject" "x" { discard; stop; } include "mailroom";',
        'include "other"; include "mailroom";',
        'vnd_unknown "x"; include "mailroom";',
        'foreverypart { include "mailroom"; }',
        'include :personal :global "mailroom";',
        'include :new "mailroom";',
        'include "${hex: 6d}ailroom";',
        'include ["mailroom"',
        'include "mailroom"',
        'include "mailroom";\0',
        '# \0\ninclude "mailroom";',
        "keep; }" + ' include "mailroom";',
        "if " + "not " * 10_000 + 'true { include "mailroom"; }',
    ],
)
def test_uncertain(script: str) -> None:
    """What depends on the mail, on another script, or on what is not known here is neither affirmed nor denied."""
    assert verdict(script) is Inclusion.UNCERTAIN


def test_without_its_require_it_is_not_believed() -> None:
    """A server would refuse such a script, so there must be something that Mailroom does not know."""
    assert inclusion('include "mailroom";', "mailroom") is Inclusion.UNCERTAIN


PIECES = (
    *(
        'include "mailroom";',
        "keep;",
        "stop;",
        "if true {",
        "if false {",
        "} else {",
        "}",
        "text:\n",
        "\n.\n",
        '"',
        "\\",
    ),
    *("/*", "*/", "#", "\r\n", 'header :is "a" "b"', "if", "not", ";", "[", "(", ":global", "\0", "\u200b"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
def test_nothing_breaks_it(script: str) -> None:
    """Every text has a verdict, and that of a yes is a script with the command in it."""
    found = verdict(script)
    assert found is not Inclusion.YES or 'include "mailroom";' in script


@given(st.text())
def test_whatever_stands_in_a_string_is_no_command(text: str) -> None:
    """It may look like an inclusion as much as it likes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    assert verdict(f'fileinto "{escaped}; include \\"mailroom\\";";') is Inclusion.NO
