"""`python -m tests.soak --minutes N`: a service under a hundred times the taps and polls of a busy day, and trouble.

A user taps every other second, a poll comes every second, something between service and server breaks the stream every
few seconds, and now and then the server is killed and started again. What the service holds must not grow, every tap
must be done, and every mail must be where the last tap of its sender says. Exits with status 1 where that is not so.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any, Final

import click
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall, deferLater, react

from tests.bench.processes import Child, start_module
from tests.integration.conversation import Conversation
from tests.integration.cyrus.instance import Cyrus, running_cyrus
from tests.integration.cyrus.tree import find
from tests.integration.ports import free_ports
from tests.integration.real_time import reactor
from tests.integration.servers import CyrusAccount
from tests.integration.service import settings_for
from tests.integration.service_faults import PushFilter
from tests.integration.service_process import ServiceProcess, environment_for
from tests.integration.service_user import User
from tests.soak.figures import Figures, as_text
from tests.soak.population import Population
from tests.soak.samples import descriptors_of, private_megabytes_of

TAP_EVERY: Final = 2.0
STREAM_CUT_EVERY: Final = 7.0
RESTART_EVERY: Final = 120.0
SAMPLE_EVERY: Final = 5.0
PATIENCE: Final = 60.0
"""Seconds within which a tap is done, whatever happens: a server that comes back is waited for a few seconds."""
SETTINGS: Final = {"poll_interval": 1, "debounce_seconds": 0.03, "log_format": "json", "log_level": "debug"}


class Soak:
    """One service, one account, and the trouble between them."""

    def __init__(self, minutes: float, cyrus: Cyrus, account: CyrusAccount) -> None:
        self.figures = Figures(minutes)
        self._cyrus = cyrus
        self._user = User(account, settings_for(account))
        self._population = Population(self._user, Conversation(account))
        self._relay = PushFilter(account)

    async def run(self) -> None:
        """All of it, from the furnishing of the account to a last look at where everything is."""
        await self._user.furnish()
        await self._population.arrive()
        (port,) = free_ports(1)
        environment = environment_for(self._relay, web=f"tcp:{port}:interface=127.0.0.1", **SETTINGS)
        service = start_module(reactor, "tests.soak.watched", settings=environment)
        await service.tell("timers")
        began = reactor.seconds()
        trouble = [
            _every(STREAM_CUT_EVERY, self._cut_streams),
            _every(RESTART_EVERY, self._restart),
            _every(SAMPLE_EVERY, lambda: self._sample(service, reactor.seconds() - began)),
        ]
        try:
            while reactor.seconds() - began < 60 * self.figures.minutes:
                await self._tap()
        finally:
            for each in trouble:
                each.stop()
        self.figures.misplaced = await self._population.misplaced()
        self.figures.requests = self._relay.requests
        self.figures.health = await ServiceProcess(port).health()
        service.stop()
        await service.gone
        await self._relay.stop()

    async def _tap(self) -> None:
        """One tap, and the wait for its end and for the time of the next."""
        next_tap: Deferred[None] = deferLater(reactor, TAP_EVERY)
        label = await self._population.tap_next()
        tapped = reactor.seconds()
        while await self._population.labelled(label):
            if reactor.seconds() - tapped > PATIENCE:
                self.figures.late += 1
                break
            await deferLater(reactor, 0.05)
        else:
            self.figures.latencies.append(reactor.seconds() - tapped)
        await next_tap

    def _cut_streams(self) -> None:
        self.figures.streams_cut += 1
        self._relay.break_streams()

    def _restart(self) -> None:
        """Blocking: what the service asks meanwhile waits, and is then refused or answered."""
        self.figures.restarts += 1
        self._cyrus.kill()
        self._cyrus.start()

    def _sample(self, service: Child, second: float) -> None:
        heard = service.heard()
        self.figures.log(heard)
        timers = [each["timers"] for each in heard if "timers" in each]
        held = {
            "private MB": private_megabytes_of(service.pid),
            "descriptors": descriptors_of(service.pid),
            "timers": timers[-1] if timers else None,
        }
        for name, figure in held.items():
            if figure is not None:
                self.figures.series[name].add(second, figure)
        if len(self.figures.series["descriptors"].figures) % 12 == 0:
            click.echo(f"{second / 60:.0f} min: {len(self.figures.latencies)} taps done, {held}", err=True)


def _every(seconds: float, call: Callable[[], None]) -> LoopingCall:
    looping = LoopingCall(call)
    looping.start(seconds, now=False).addErrback(lambda failure: click.echo(failure.getTraceback(), err=True))
    return looping


async def main(_reactor: Any, options: Namespace) -> None:
    """Soak, and print the figures alone to standard output."""
    with running_cyrus(find()) as cyrus:
        soak = Soak(options.minutes, cyrus, CyrusAccount(cyrus, "soaked"))
        await soak.run()
    click.echo(as_text(soak.figures))
    problems = list(soak.figures.problems())
    for problem in problems:
        click.echo(f"Error: {problem}", err=True)
    raise SystemExit(1 if problems else 0)


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    react(main, [parser.parse_args()])
