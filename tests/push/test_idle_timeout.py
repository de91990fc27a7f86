"""How long silence is taken for life."""

import pytest

from mailroom.push.idle_timeout import IdleTimeout


@pytest.mark.parametrize(("ping", "seconds"), [(1, 3), (2, 6), (5, 15), (10, 25), (30, 65), (300, 605)])
def test_asked_for(ping: int, seconds: float) -> None:
    """Before any ping, the interval asked for counts: two lost ones and a little, and never three."""
    assert IdleTimeout(ping).seconds == seconds


def test_interval_in_use() -> None:
    """The interval that the server says it uses takes over."""
    limit = IdleTimeout(30)
    limit.pinged('{"interval":300}')
    assert limit.seconds == 605


@pytest.mark.parametrize(
    "data",
    [
        "",
        "x",
        "[]",
        "30",
        "null",
        "{}",
        '{"interval":0}',
        '{"interval":-5}',
        '{"interval":1.5}',
        '{"interval":true}',
        '{"interval":"9"}',
        '{"interval":null}',
        '{"interval":NaN}',
        "[" * 100_000,
        '{"interval":' + "9" * 10_000 + "}",
    ],
)
def test_unusable_interval(data: str) -> None:
    """Anything but a positive whole number leaves the limit as it was."""
    limit = IdleTimeout(30)
    limit.pinged('{"interval":60}')
    limit.pinged(data)
    assert limit.seconds == 125


def test_absurd_interval() -> None:
    """No interval makes the limit endless."""
    limit = IdleTimeout(30)
    limit.pinged('{"interval":1000000000}')
    assert limit.seconds == 7205


def silent_deaths(limit: IdleTimeout, count: int) -> list[tuple[bool, float]]:
    """What each reconnection after a silent death finds out, and the limit from then on."""
    found = []
    for _ in range(count):
        limit.exceeded()
        found.append((limit.connected(), limit.seconds))
    return found


def test_a_server_that_never_pings() -> None:
    """The limit doubles with each needless death up to half an hour, and the finding is made once."""
    assert silent_deaths(IdleTimeout(30), 7) == [
        (True, 130),
        (False, 260),
        (False, 520),
        (False, 1040),
        (False, 1800),
        (False, 1800),
        (False, 1800),
    ]


def test_a_server_that_is_gone() -> None:
    """Silence after which nobody can be reached shows nothing about pings."""
    limit = IdleTimeout(30)
    limit.exceeded()
    limit.exceeded()
    assert limit.seconds == 65


def test_connections_that_end_otherwise() -> None:
    """A connection after one that did not die of silence leaves the limit alone."""
    limit = IdleTimeout(30)
    assert silent_deaths(limit, 1) == [(True, 130)]
    assert not limit.connected()
    assert limit.seconds == 130


def test_the_first_ping() -> None:
    """Once a server has pinged, silence counts again, and no death stretches the limit any more."""
    limit = IdleTimeout(30)
    silent_deaths(limit, 3)
    limit.pinged('{"interval":30}')
    assert limit.seconds == 65
    assert silent_deaths(limit, 2) == [(False, 65), (False, 65)]


def test_long_intervals_are_not_shortened() -> None:
    """A ping interval beyond half an hour has its own limit, whether or not the server keeps to it."""
    limit = IdleTimeout(3000)
    assert silent_deaths(limit, 1) == [(True, 6005)]
