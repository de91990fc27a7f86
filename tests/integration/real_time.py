"""Tests on the real reactor: what they are marked with, and how they wait without guessing how long."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar, cast

import pytest_twisted  # type: ignore[import-untyped]  # the plugin ships no types
from twisted.internet import reactor as installed_reactor
from twisted.internet.defer import Deferred
from twisted.internet.posixbase import PosixReactorBase
from twisted.internet.task import deferLater

DEADLINE = 10.0
"""Seconds after which what a test waits for will not come."""

_P = ParamSpec("_P")
_T = TypeVar("_T")

reactor = cast("PosixReactorBase", installed_reactor)


def on_reactor(test: Callable[_P, Coroutine[Any, Any, None]]) -> Callable[_P, None]:
    """Have pytest-twisted run a coroutine test to its end. (Its own decorator is untyped.)"""
    return cast("Callable[_P, None]", pytest_twisted.ensureDeferred(test))


def finish(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """What comes of a coroutine, for a fixture that is none."""
    return cast("_T", pytest_twisted.blockon(Deferred.fromCoroutine(coroutine)))


async def eventually(look: Callable[[], Awaitable[_T]], holds: Callable[[_T], bool]) -> _T:
    """Look again and again until what is seen holds; the deadline gives the last look to the assertion that follows.

    For what a server does in its own time and announces to nobody, such as indexing new mail.
    """
    given_up_at = reactor.seconds() + DEADLINE
    seen = await look()
    while not holds(seen) and reactor.seconds() < given_up_at:
        await deferLater(reactor, 0.02)
        seen = await look()
    return seen
