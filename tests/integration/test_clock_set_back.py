"""A service that runs while the machine's clock is set back: an hour less on the wall is no hour of waiting."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from tests.integration.real_time import eventually, on_reactor
from tests.integration.servers import MailServer
from tests.integration.service_process import MODULE, TWIST, TWISTD, running_process
from tests.integration.service_user import User

LIBRARY: Final = next(iter(sorted(Path("/usr/lib").glob("**/faketime/libfaketime.so.1"))), None)
HOUR: Final = 3600
AFTERWARDS: Final = 3
"""Polls after the step that leave no doubt about the interval."""

pytestmark = pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed (Debian: apt install faketime)")


class MachineClock:
    """The clock of the machine as one process sees it, and as it can be set while that runs."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set_by(0)

    def set_by(self, seconds: int) -> None:
        """Let it differ so much from the real one."""
        self._file.write_text(f"{seconds:+d}s\n", encoding="ascii")

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process read this clock. Its monotonic one stays real, as it does on a machine."""
        return {
            "LD_PRELOAD": os.fspath(LIBRARY or ""),
            "FAKETIME_TIMESTAMP_FILE": os.fspath(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }


@pytest.mark.parametrize("program", [TWISTD, TWIST, MODULE], ids=["twistd", "twist", "mailroom run"])
@on_reactor
async def test_polls_and_pushes_go_on_when_the_clock_is_set_back(
    program: Sequence[str], server: MailServer, user: User, tmp_path: Path
) -> None:
    """The interval's polls come, a tap is acted on, and only what people read follows the clock."""
    clock = MachineClock(tmp_path / "time")
    await user.receive({"One": "bob@example.com"})
    async with running_process(server, program, clock.environment, poll_interval=1) as service:
        before = await eventually(service.health_if_there, lambda health: health.get("poll_count", 0) >= AFTERWARDS)
        clock.set_by(-HOUR)
        expected = before["poll_count"] + AFTERWARDS
        after = await eventually(service.health_if_there, lambda health: health.get("poll_count", 0) >= expected)
        await user.tap("@ToFeed", "One")
        moved = await eventually(user.mailboxes, lambda mails: mails == {"One": {"Feed"}})
    assert after["poll_count"] >= expected
    assert after["last_poll_age_seconds"] < HOUR / 2
    assert abs(_seconds_of(after["last_poll_at"]) - datetime.now(UTC).timestamp() + HOUR) < HOUR / 2
    assert moved == {"One": {"Feed"}}


def _seconds_of(date: str) -> float:
    return datetime.fromisoformat(date).timestamp()
