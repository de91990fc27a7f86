"""What the log looks like: a line an event, for people or for programs."""

import json
import os
import stat
from datetime import UTC, datetime
from typing import IO, Any, Final

from twisted.logger import FileLogObserver, ILogObserver, LogEvent, LogLevel, eventAsText, formatEvent, formatTime

from mailroom.core.printable import one_line
from mailroom.core.redaction import Redaction
from mailroom.core.setting_types import LogFormat

_INDENT: Final = "    "


def log_observer(
    stream: IO[Any], log_format: LogFormat, log_level: str, redaction: Redaction | None = None
) -> ILogObserver:
    """Writes Mailroom's events from `log_level` on, and those of libraries from `warn` on.

    What libraries say below that, such as each connection and each request served, is noise beside a mail that moved.
    `auto` is JSON into a pipe, where container engines and log shippers listen, and text elsewhere: on a terminal, in
    systemd's journal, in a file. What `redaction` knows to be secret is not written.
    """
    redaction = redaction or Redaction()
    threshold = LogLevel.levelWithName(log_level)
    render = json_line if log_format == "json" or (log_format == "auto" and _is_pipe(stream)) else text_line
    encoding = getattr(stream, "encoding", None) or "utf-8"

    def line(event: LogEvent) -> str | None:
        if not _is_wanted(event, threshold):
            return None
        # What the stream cannot write, be it a lone surrogate, must not raise: the line would be lost.
        return render(event, redaction).encode(encoding, "backslashreplace").decode(encoding)

    return FileLogObserver(stream, line)


def text_line(event: LogEvent, redaction: Redaction | None = None) -> str:
    """Time, `[logger#level]` and message on one line; a traceback follows, indented.

    Control characters are escaped: the sender of a mail can neither forge a line of the log nor talk to a terminal.
    """
    redaction = redaction or Redaction()
    where = f"{event.get('log_namespace', '-')}#{_level(event).name}"
    message = one_line(redaction.text(formatEvent(event)))
    traceback = "".join(f"{_INDENT}{one_line(line)}\n" for line in redaction.text(_traceback(event)).splitlines())
    return f"{formatTime(event.get('log_time'))} [{where}] {message}\n{traceback}"


def json_line(event: LogEvent, redaction: Redaction | None = None) -> str:
    """One object on one line: time, level, logger, message as in text, Mailroom's own fields, and any traceback.

    A field that is no JSON is left out; the message has it as text.
    """
    redaction = redaction or Redaction()
    entry: dict[str, Any] = {
        "time": _timestamp(event.get("log_time")),
        "level": _level(event).name,
        "logger": event.get("log_namespace", "-"),
        "message": redaction.text(formatEvent(event)),
    }
    if _is_own(event):
        fields = {key: value for key, value in event.items() if key not in entry and _is_field(key, value)}
        entry |= {key: redaction.value(value) for key, value in fields.items()}
    if traceback := _traceback(event):
        entry["traceback"] = redaction.text(traceback)
    return f"{json.dumps(entry)}\n"


def _is_wanted(event: LogEvent, threshold: Any) -> bool:
    level = _level(event)
    return bool(level >= threshold and (_is_own(event) or level >= LogLevel.warn))


def _is_own(event: LogEvent) -> bool:
    return str(event.get("log_namespace")).partition(".")[0] == "mailroom"


def _level(event: LogEvent) -> Any:  # a constant of LogLevel; its library has no types
    return event.get("log_level", LogLevel.info)


def _traceback(event: LogEvent) -> str:
    if "log_failure" not in event:
        return ""
    failure: LogEvent = {"log_failure": event["log_failure"]}
    return eventAsText(failure, includeTimestamp=False, includeSystem=False).strip()


def _timestamp(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _is_field(key: str, value: object) -> bool:
    if key.startswith("log_"):
        return False
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _is_pipe(stream: IO[Any]) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (AttributeError, OSError):
        return False
