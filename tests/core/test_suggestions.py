"""A slip of the pen is recognised, and other words are left alone."""

from mailroom.core.suggestions import did_you_mean, nearest


def test_the_nearest_of_several_is_suggested() -> None:
    """Of two words alike, the one more alike wins."""
    assert did_you_mean("jmap_tokn", ["jmap_url", "jmap_token"]) == " Did you mean 'jmap_token'?"


def test_nothing_is_suggested_for_what_is_like_nothing() -> None:
    """A wild guess would mislead."""
    assert did_you_mean("colour", ["jmap_url", "jmap_token"]) == ""


def test_case_does_not_hide_a_likeness() -> None:
    """What is suggested keeps its own case."""
    assert nearest("PAPER TRAIL", ["Feed", "Paper Trail"]) == "Paper Trail"
