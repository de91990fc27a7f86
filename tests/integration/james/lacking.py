"""What James does otherwise than tests ask for: these are skipped there, with one line for each thing."""

from collections.abc import Mapping
from typing import Final

LACKING: Final[Mapping[str, tuple[str, ...]]] = {
    "the sandbox is held to Cyrus here, from which its answers differ in detail": (
        "test_email_query.py",
        "test_email_set.py",
        "test_eventsource.py",
        "test_mailboxes.py",
        "test_senders.py",
        "test_session.py",
    ),
    "it has no Sieve over JMAP": (
        "test_routing_storage.py",
        "test_everything_is_created_once",
        "test_the_check_passes",
    ),
    "it keeps all mail in memory": ("test_restart.py", "test_a_triage_survives_the_death_of_the_server"),
    "it refuses pages that begin behind an object (RFC 8620 section 5.5: anchor)": (
        "test_reset.py",
        "test_mail_is_swept_to_where_the_groups_say",
        "test_a_sweep_may_be_broken_off",
    ),
    "a query gives 256 ids unless more are asked for, which the user of these tests does not": (
        "test_a_thousand_mails_are_swept",
    ),
    "it refuses a filter with several mailboxes, and a tap takes other than four round trips": (
        "test_a_tap_is_acted_on_by_push",
    ),
    "a poll more than elsewhere follows two taps, for reasons not known yet": ("test_own_writes_cause_no_poll",),
    "not all mail of these senders is found there, for reasons not known yet": (
        "test_exactly_the_senders_own_mail_is_swept",
    ),
    "check cannot tell there how soon a change is announced": ("test_announcement.py",),
    "its Session names whole URLs, past a proxy before it": ("test_polls_go_on_at_the_interval_with_push_dropped",),
}
"""What it is, and the modules or tests that it concerns."""


def what_james_lacks(test: str) -> str | None:
    """The reason to skip a test, given by its node id; None if James has all that it needs."""
    words = set(test.replace("/", " ").replace("::", " ").replace("[", " ").split())
    return next((what for what, tests in LACKING.items() if words & set(tests)), None)
