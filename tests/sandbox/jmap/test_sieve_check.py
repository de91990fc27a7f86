"""What the sandbox says about a script."""

import pytest

from mailroom.sandbox.jmap.sieve_check import InvalidScript, check_script
from mailroom.sandbox.options import SieveOptions

QUERY = 'require "vnd.cyrus.jmapquery";\n'


@pytest.mark.parametrize(
    "script",
    [
        "",
        "# nothing\r\n",
        'require ["fileinto"]; if not anyof (true, address :is "from" ["a", "b"]) { fileinto "Feed"; } keep;',
        'require "include"; include :personal "mailroom";',
        QUERY + 'if jmapquery "{\\"fromContactCardUid\\": \\"a\\"}" { stop; }',
        'redirect "{;(";',
    ],
)
def test_valid(script: str) -> None:
    """What a server would run."""
    check_script(script, SieveOptions())


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("keep;\nfoo;", "line 2: syntax error"),
        ("keep", "unexpected end"),
        ("if true { keep; ", "unexpected end"),
        ("if (true] { keep; }", "syntax error"),
        ("keep; !", "syntax error"),
        ('fileinto "Feed";', "syntax error"),
        ('require "teleport";', 'Unsupported feature.s. in "require": "teleport"'),
        (QUERY + 'if jmapquery "{" { keep; }', "line 2: invalid jmapquery format"),
        (QUERY + 'if jmapquery "{\\"fromContactGroupId\\": 1}" { keep; }', "argument: 'fromContactGroupId'"),
    ],
)
def test_invalid(script: str, complaint: str) -> None:
    """The line and the reason are in a Cyrus' words."""
    with pytest.raises(InvalidScript, match=complaint):
        check_script(script, SieveOptions())
