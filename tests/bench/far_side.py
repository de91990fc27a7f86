"""The far side: a sandbox in a process of its own, that puts labels on mails and tells what follows.

It prints one JSON object a line, and needs no orders: it acts as soon as the service has been quiet for long enough.
"""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any

import click
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.task import deferLater, react
from twisted.web.server import Site

from mailroom.sandbox import Sandbox, SandboxOptions
from mailroom.sandbox.demo.population import populate
from mailroom.sandbox.demo.watch import when
from tests.bench.scenarios import INTERRUPTED, KEEP_ALIVE, QUIET, SCENARIOS, TAP, TAPS, Scenario

LABEL = "@ToFeed"
PATIENCE = 150.0
DARKNESS = 5.0
"""Seconds from the change of network to the tap."""


class FarSide:
    """The account that the service works on, seen from where its state changes: there is no line in between."""

    def __init__(self, sandbox: Sandbox, clock: Any) -> None:
        self._account = sandbox.account
        self._sandbox = sandbox
        self._clock = clock

    def deliver(self, scenario: Scenario, name: str) -> list[str]:
        """Put the scenario's mails into the screener; the ids of those that are to be labelled."""
        screener = [self._account.mailbox_id("Screener")]
        labelled = []
        for number in range(scenario.senders):
            sender = {"name": f"Sender {number}", "email": f"{name}.{number}@bench.example"}
            mails = [
                self._account.deliver({"from": [sender], "subject": f"Mail {mail}"}, screener)
                for mail in range(scenario.mails)
            ]
            labelled += mails if scenario.labelled == "all" else mails[-1:]
        return labelled

    async def time(self, scenario: Scenario, labelled: list[str]) -> dict[str, Any]:
        """Label the mails once all is quiet: the seconds until no label is left, and the requests it took."""
        await self.quiet()
        label = self._account.mailbox_id(LABEL)
        tapped = self._clock.seconds()
        for email_id in labelled:
            self._account.label(email_id, label)
        tell(tapped=str(scenario))
        worked_off = when(self._account, self._clock, lambda: not self._account.mailboxes[label].email_ids)
        try:
            seconds = await worked_off.addTimeout(PATIENCE, self._clock) - tapped
        except TookTooLong:
            seconds = None
        await self.quiet()
        requests = self.requests_since(tapped)
        return {"triaged": str(scenario), "tapped_at": tapped, "seconds": seconds, "requests": requests}

    async def time_in_the_dark(self, scenario: Scenario, labelled: list[str]) -> dict[str, Any]:
        """Say when all is quiet, which is the moment to cut all connections, and label after that; when it is done."""
        await self.quiet()
        tell(dark="began")
        await deferLater(self._clock, DARKNESS)
        told = await self.time(scenario, labelled)
        return {"dark": "ended", "done_at": None if told["seconds"] is None else told["tapped_at"] + told["seconds"]}

    async def taps(self, labelled: list[str]) -> None:
        """Label a mail a second, and tell how long each kept its label; None for one that kept it too long."""
        await self.quiet()
        label = self._account.mailbox_id(LABEL)
        gone: list[Deferred[float | None]] = []
        for email_id in labelled:
            self._account.label(email_id, label)
            gone.append(self._label_gone(email_id, label))
            await deferLater(self._clock, 1)
        tell(taps=[await each for each in gone])

    def _label_gone(self, email_id: str, label: str) -> Deferred[float | None]:
        tapped = self._clock.seconds()
        gone = when(self._account, self._clock, lambda: email_id not in self._account.mailboxes[label].email_ids)
        gone.addCallback(lambda at: at - tapped)
        return gone.addTimeout(PATIENCE, self._clock, lambda _result, _seconds: None)

    async def connections(self, stacks: list[list[str]]) -> None:
        """Time a tap after connections to the address book were closed for idleness, and one while they are open."""
        await self.quiet()
        await deferLater(self._clock, KEEP_ALIVE)
        for connections, labelled in zip(("cold", "warm"), stacks, strict=True):
            tell(connections=connections, **await self.time(TAP, labelled))

    async def idle(self, seconds: float) -> None:
        """Do nothing for some time, and tell how many requests came."""
        await self._until(lambda: len(self._sandbox.streams) > 0)
        await deferLater(self._clock, QUIET)
        tell(idle="began")
        began = self._clock.seconds()
        await deferLater(self._clock, seconds)
        tell(idle="ended", requests=self.requests_since(began))

    def requests_since(self, moment: float) -> int:
        """How many requests came since then, streams not counted."""
        return sum(each.at >= moment and "eventsource" not in each.path for each in self._sandbox.received)

    async def quiet(self) -> None:
        """Wait until the service listens, and has asked nothing for a while."""
        await self._until(lambda: len(self._sandbox.streams) > 0 and self._silence() >= QUIET)

    def _silence(self) -> float:
        received = self._sandbox.received
        return self._clock.seconds() - received[-1].at if received else 0.0

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            await deferLater(self._clock, 0.05)


async def main(reactor: Any, options: Namespace) -> None:
    """Serve, tell the port, and go through the scenarios or through an idle time."""
    sandbox = Sandbox(reactor, SandboxOptions(contacts=options.contacts))
    populate(sandbox.account)
    far_side = FarSide(sandbox, reactor)
    scenarios = {"taps": [TAP] * TAPS, "connections": [TAP] * 2}.get(options.measure, [*SCENARIOS, INTERRUPTED])
    stacks = [far_side.deliver(scenario, f"s{number}") for number, scenario in enumerate(scenarios)]
    mail, cards = Site(sandbox.resource), Site(sandbox.resource)
    cards.timeOut = KEEP_ALIVE
    port, cards_port = (reactor.listenTCP(0, site, interface="127.0.0.1").getHost().port for site in (mail, cards))
    known = sandbox.options
    tell(port=port, cards_port=cards_port, token=known.token, username=known.username, password=known.password)
    if options.idle:
        await far_side.idle(options.idle)
    elif options.measure == "taps":
        await far_side.taps([email_id for stack in stacks for email_id in stack])
    elif options.measure == "connections":
        await far_side.connections(stacks)
    elif options.measure == "dark":
        tell(**await far_side.time_in_the_dark(SCENARIOS[0], stacks[0]))
    else:
        for scenario, labelled in zip(SCENARIOS, stacks, strict=False):
            tell(**await far_side.time(scenario, labelled))
        await far_side.time(INTERRUPTED, stacks[-1])


def tell(**news: Any) -> None:
    """One line for the measuring process."""
    click.echo(json.dumps(news))


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", choices=("jmap", "carddav"), default="jmap")
    parser.add_argument("--idle", type=float, default=0.0, help="seconds of doing nothing, instead of the scenarios")
    parser.add_argument("--measure", choices=("taps", "connections", "dark"), help="something else than the scenarios")
    react(main, [parser.parse_args()])
