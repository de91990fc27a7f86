"""A line an event, that neither senders nor libraries can spoil."""

import json
import os
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.logger import ILogObserver, LogEvent, Logger, LogLevel
from twisted.python.failure import Failure

from mailroom.logs import json_line, log_observer, text_line

POLL = "poll completed trigger={trigger} senders={senders}"


def event(log_format: str = POLL, namespace: str = "mailroom.triage", **fields: Any) -> LogEvent:
    """An event as a Logger makes it, at 2026-11-23T01:32:29.313Z."""
    values = {"trigger": "push", "senders": 1, **fields}
    return {
        "log_time": 1795397549.313,
        "log_level": LogLevel.info,
        "log_namespace": namespace,
        "log_format": log_format,
        **values,
    }


def failed() -> Failure:
    """A failure whose traceback has several lines, and whose message has two."""
    try:
        int("two\nlines")
    except ValueError:
        return Failure()
    raise AssertionError


def logged(observer_of: str, level: str, log_level: str, namespace: str) -> bool:
    """Whether an event of this level and origin is written."""
    stream = StringIO()
    logger = Logger(namespace, observer=log_observer(stream, "text", log_level))
    getattr(logger, level)(observer_of)
    return bool(stream.getvalue())


def test_text_has_where_and_what_on_one_line() -> None:
    """The time before it is the local one, with its offset."""
    assert text_line(event()).endswith(" [mailroom.triage#info] poll completed trigger=push senders=1\n")


def test_text_begins_with_the_time_in_iso_8601() -> None:
    """In seconds, and with an offset, so that logs of two machines compare."""
    time, _space, _rest = text_line(event()).partition(" ")
    assert len(time) == len("2026-11-23T01:32:29+0000")


def test_text_indents_a_traceback() -> None:
    """So that each line that begins with a time is an event."""
    first, *others = text_line(event(log_failure=failed())).splitlines()
    assert first.endswith("senders=1")
    assert others
    assert all(line.startswith("    ") for line in others)


@given(st.text())
def test_text_keeps_any_value_on_its_line(sender: str) -> None:
    """Senders choose their names: no value makes a second line, nor moves the cursor of a terminal."""
    line = text_line(event("triaged {sender}", sender=sender))
    assert line[:-1].isprintable()


def test_json_is_one_object_with_the_rendered_message_and_the_fields() -> None:
    """Programs read fields; `grep trigger=push` works all the same."""
    assert json.loads(json_line(event())) == {
        "time": "2026-11-23T01:32:29.313+00:00",
        "level": "info",
        "logger": "mailroom.triage",
        "message": "poll completed trigger=push senders=1",
        "trigger": "push",
        "senders": 1,
    }


def test_json_has_the_traceback() -> None:
    """As one string, line feeds and all."""
    entry = json.loads(json_line(event(log_failure=failed())))
    assert "builtins.ValueError: invalid literal" in entry["traceback"].splitlines()[-1]


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), b"x", [[object()]]])
def test_json_leaves_out_what_is_none(value: object) -> None:
    """One odd value does not cost the rest of the event."""
    entry = json.loads(json_line(event(odd=value)))
    assert "odd" not in entry
    assert entry["trigger"] == "push"


def test_json_leaves_out_what_contains_itself() -> None:
    """Nor does it end in a recursion."""
    value: list[Any] = []
    value.append(value)
    assert "odd" not in json.loads(json_line(event(odd=value)))


def test_json_keeps_its_own_keys() -> None:
    """A field cannot pass for the time or the level of the event."""
    assert json.loads(json_line(event(level="critical")))["level"] == "info"


def test_json_has_no_fields_of_libraries() -> None:
    """They are for their own observers, and may hold anything."""
    assert "trigger" not in json.loads(json_line(event(namespace="twisted.web.client")))


@pytest.mark.parametrize("render", [text_line, json_line])
@pytest.mark.parametrize("log_format", ["{missing}", "{broken", "{senders.nothing}"])
def test_a_broken_format_is_still_a_line(render: Any, log_format: str) -> None:
    """A mistake in a log call is no reason to stop logging."""
    assert render(event(log_format)).count("\n") == 1


@pytest.mark.parametrize("render", [text_line, json_line])
def test_an_event_without_anything_is_still_a_line(render: Any) -> None:
    """Libraries may publish what they like."""
    assert render({}).count("\n") == 1


@pytest.mark.parametrize(
    ("level", "log_level", "expected"),
    [("debug", "info", False), ("info", "info", True), ("debug", "debug", True), ("warn", "error", False)],
)
def test_the_log_level_is_the_least_to_be_written(level: str, log_level: str, expected: bool) -> None:  # noqa: FBT001
    """Of Mailroom's own events."""
    assert logged("x", level, log_level, "mailroom.push.eventsource") is expected


@pytest.mark.parametrize("namespace", ["twisted.web.server.Site", "log_legacy", "stdout", "mailroomish"])
@pytest.mark.parametrize(("level", "expected"), [("info", False), ("warn", True), ("critical", True)])
def test_libraries_are_heard_from_warnings_on(namespace: str, level: str, expected: bool) -> None:  # noqa: FBT001
    """Even at `debug`: starting factories and access logs are noise."""
    assert logged("x", level, "debug", namespace) is expected


def test_libraries_are_not_heard_below_the_log_level() -> None:
    """`error` silences warnings, whoever has them."""
    assert not logged("x", "warn", "error", "twisted.web.server.Site")


def written(stream: Any, observer: ILogObserver) -> str:
    """What an observer wrote of one event."""
    observer(event())
    stream.seek(0)
    return str(stream.read())


def test_auto_is_text_into_a_file() -> None:
    """People read it with a pager."""
    stream = StringIO()
    assert "[mailroom.triage#info]" in written(stream, log_observer(stream, "auto", "info"))


def test_auto_is_json_into_a_pipe() -> None:
    """A container engine reads it, and ships it to where fields count."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "r") as ours, os.fdopen(writing, "w") as theirs:
        log_observer(theirs, "auto", "info")(event())
        assert json.loads(ours.readline())["trigger"] == "push"


def test_what_is_asked_for_beats_what_the_stream_is() -> None:
    """`json` into a file is JSON."""
    stream = StringIO()
    assert json.loads(written(stream, log_observer(stream, "json", "info")))["trigger"] == "push"


def test_a_stream_of_another_encoding_gets_escapes() -> None:
    """A terminal in the C locale loses letters, not lines."""
    stream = TextIOWrapper(BytesIO(), encoding="ascii")
    log_observer(stream, "text", "info")(event("caf\xe9 \u20ac"))
    stream.seek(0)
    assert stream.read().endswith("caf\\xe9 \\u20ac\n")
