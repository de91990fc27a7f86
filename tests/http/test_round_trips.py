from contextlib import suppress

from mailroom.http.round_trips import RoundTrips


def test_after_each_other() -> None:
    """Requests that waited for one another are as many round trips."""
    trips = RoundTrips()
    for _ in range(3):
        with trips.request():
            pass
    assert (trips.requests, trips.sequential) == (3, 3)


def test_at_once() -> None:
    """Requests at the same time are one round trip."""
    trips = RoundTrips()
    with trips.request(), trips.request(), trips.request():
        pass
    assert (trips.requests, trips.sequential) == (3, 1)


def test_beside_two() -> None:
    """Two requests after each other are two round trips, whatever runs beside them."""
    trips = RoundTrips()
    with trips.request():
        with trips.request():
            pass
        with trips.request():
            pass
    assert (trips.requests, trips.sequential) == (3, 2)


def test_failed() -> None:
    """A request that failed was waited for as well."""
    trips = RoundTrips()
    with suppress(ZeroDivisionError), trips.request():
        1 / 0  # noqa: B018 - fails
    assert trips.sequential == 1
