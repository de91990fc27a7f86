"""`python -m tests.soak.watched`: what `mailroom run` starts, telling now and then how many timers it has."""

import json
from typing import Final

import click
from twisted.internet.task import LoopingCall

from mailroom import tap

EVERY: Final = 5.0
"""Seconds between two tellings."""


def _tell() -> None:
    click.echo(json.dumps({"timers": len(tap.reactor.getDelayedCalls())}))


if __name__ == "__main__":
    settings = tap.service_settings(None)
    tap.reactor.callWhenRunning(LoopingCall(_tell).start, EVERY)
    tap.run(settings)
