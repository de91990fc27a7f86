"""How long silence is taken for life."""

import pytest

from mailroom.push.idle_timeout import IdleTimeout


@pytest.mark.parametrize(("ping", "seconds"), [(1, 3), (2, 6), (5, 15), (10, 25), (30, 65), (300, 605)])
def test_asked_for(ping: int, seconds: float) -> None:
    """Before any ping, the interval asked for counts: two lost ones and a little, and never three."""
    assert IdleTimeout(ping).seconds == seconds


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
        '{"interval":1}',
        '{"interval":1.5}',
        '{"interval":60}',
        '{"interval":300}',
        '{"interval":30000}',
        '{"interval":true}',
        '{"interval":"30"}',
        '{"interval":null}',
        '{"interval":NaN}',
        "[" * 100_000,
        '{"interval":' + "9" * 10_000 + "}",
    ],
)
def test_words(data: str) -> None:
    """Whatever a ping says, the limit is that of the interval asked for, at once and with the pings that follow."""
    limit = IdleTimeout(30)
    limit.connected(0)
    limits = []
    for now in (0, 30, 60):
        limit.pinged(now, data)
        limits.append(limit.seconds)
    assert limits == [65, 65, 65]


def silent_deaths(limit: IdleTimeout, count: int) -> list[tuple[bool, float]]:
    """What each reconnection after a silent death finds out, and the limit from then on."""
    found = []
    for _ in range(count):
        limit.exceeded()
        found.append((limit.connected(0), limit.seconds))
    return found


def beat(limit: IdleTimeout, interval: float = 30) -> None:
    """A connection at 0, and pings at this distance that say nothing."""
    limit.connected(0)
    for count in range(1, 31):
        limit.pinged(count * interval)


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
    assert not limit.connected(0)
    assert limit.seconds == 130


@pytest.mark.parametrize("interval", [1, 10, 30, 45, 60, 65])
def test_beats(interval: float) -> None:
    """Pings that come before two of them are missed bring the limit back, and no death after them stretches it."""
    limit = IdleTimeout(30)
    silent_deaths(limit, 3)
    for _ in range(20):
        beat(limit, interval)
        assert limit.seconds == 65
        limit.exceeded()


@pytest.mark.parametrize("interval", [66, 120, 300])
def test_no_beats(interval: float) -> None:
    """Pings that come later than that leave a limit that they have room in."""
    limit = IdleTimeout(30)
    silent_deaths(limit, 4)
    beat(limit, interval)
    assert limit.seconds == 1040


def test_greetings() -> None:
    """Pings that come with the connection, however many, are no beat: what follows may be hours of silence."""
    limit = IdleTimeout(30)
    silent_deaths(limit, 2)
    for now in (0, 0, 0.1, 5):
        limit.pinged(now)
    assert limit.seconds == 260
    assert silent_deaths(limit, 1) == [(False, 520)]


def test_words_that_agree() -> None:
    """A ping that says the interval asked for brings the limit back, once: until silence shows that it is not so."""
    limit = IdleTimeout(30)
    silent_deaths(limit, 3)
    limits = []
    for _ in range(3):
        limit.pinged(100, '{"interval":30}')
        limits.append(limit.seconds)
        silent_deaths(limit, 1)
    assert limits == [65, 130, 260]


def test_words_of_a_server_that_had_beats_again() -> None:
    """Beats restore the belief in words."""
    limit = IdleTimeout(30)
    for _ in range(2):
        limit.pinged(0, '{"interval":30}')
        silent_deaths(limit, 1)
    beat(limit)
    silent_deaths(limit, 3)
    limit.pinged(0, '{"interval":30}')
    assert limit.seconds == 65


def test_a_network_that_breaks_down() -> None:
    """After beats, one death without them is forgiven; more are another server's doing."""
    limit = IdleTimeout(30)
    beat(limit)
    assert silent_deaths(limit, 4) == [(False, 65), (False, 65), (True, 130), (False, 260)]


def test_long_intervals_are_not_shortened() -> None:
    """A ping interval beyond half an hour has its own limit, whether or not the server keeps to it."""
    limit = IdleTimeout(3000)
    assert silent_deaths(limit, 1) == [(True, 6005)]
