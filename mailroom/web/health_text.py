"""What /healthz says, in words. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mailroom.core.findings import Finding, Severity
from mailroom.core.printable import counted
from mailroom.model.missing import is_absent

_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def is_healthy(report: Mapping[str, Any]) -> bool:
    """Whether the service does its work, or has only just begun to."""
    return report.get("status") in {"ok", "starting"}


def health_text(report: Mapping[str, Any]) -> Iterator[Finding]:
    """How the service is doing, from what matters most to what matters least."""
    yield _service(report)
    yield _polls(report)
    yield _push(report)
    missing = report.get("missing")
    lacks = [str(each) for each in missing] if isinstance(missing, list) else []
    if absent := [each for each in lacks if is_absent(each)]:
        yield Finding(Severity.WARN, "missing", f"{', '.join(absent)}. Run `mailroom setup --apply`.")
    if unusable := [each for each in lacks if not is_absent(each)]:
        yield Finding(Severity.WARN, "unusable", f"{', '.join(unusable)}.")
    if report.get("routing_error"):
        yield Finding(Severity.WARN, "routing", str(report["routing_error"]))


def in_words(seconds: object) -> str:
    """A time in its largest unit, in which it is told well enough."""
    if not isinstance(seconds, int | float):
        return "an unknown time"
    length, unit = next((each for each in _UNITS if seconds >= each[0]), _UNITS[-1])
    count = round(seconds / length)
    return counted(count, unit)


def _service(report: Mapping[str, Any]) -> Finding:
    up = f"Mailroom {report.get('version', '')}, up for {in_words(report.get('uptime_seconds'))}"
    match report.get("status"):
        case "ok":
            return Finding(Severity.OK, "service", f"{up}, does its work.")
        case "starting":
            return Finding(Severity.OK, "service", f"{up}, has not completed its first poll.")
        case _:
            return Finding(Severity.FAIL, "service", f"{up}, does not do its work: no poll has succeeded for too long.")


def _polls(report: Mapping[str, Any]) -> Finding:
    error, count = report.get("last_poll_error"), report.get("poll_count")
    if error:
        return Finding(Severity.WARN if is_healthy(report) else Severity.FAIL, "polls", f"the last one failed. {error}")
    if not count:
        return Finding(Severity.OK, "polls", "none has ended yet.")
    age, trigger = in_words(report.get("last_poll_age_seconds")), report.get("last_poll_trigger")
    triaged = f"senders triaged: {report.get('senders_triaged')}"
    return Finding(Severity.OK, "polls", f"{count} so far, the last one {age} ago ({trigger}); {triaged}.")


def _push(report: Mapping[str, Any]) -> Finding:
    stream = report.get("eventsource")
    stream = stream if isinstance(stream, Mapping) else {}
    if stream.get("connected"):
        return Finding(Severity.OK, "push", "connected.")
    retry = stream.get("retry_in_seconds")
    # Not to be had and not asked for again: that is as the settings want it.
    wanted = stream.get("status") != "unavailable" or retry is not None
    again = f" The next attempt is in {in_words(retry)}." if retry is not None else ""
    text = f"{stream.get('status')}. {stream.get('error') or ''}{again}".replace("  ", " ")
    return Finding(Severity.WARN if wanted else Severity.OK, "push", text)
