"""`python -m tests.bench [--json]`: what Mailroom costs, in one go of about ten minutes."""

import json
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import Any

import click
from twisted.internet.task import react

from tests.bench.decoding import decoding_speeds
from tests.bench.measures import (
    change_of_network,
    cold_and_warm,
    costs_of_answers,
    idleness,
    tapping,
    triages,
)
from tests.bench.processes import ProcessFailed
from tests.bench.report import Figures, as_text
from tests.bench.session import BACKENDS


async def measure(reactor: Any) -> Figures:
    """Everything, one after the other, so that nothing disturbs anything else."""
    figures = Figures()
    for contacts in BACKENDS:
        _progress(f"triages with contacts over {contacts}")
        timed, stop = await triages(reactor, contacts)
        figures.triages += timed
        figures.stops.append(stop)
    for contacts in BACKENDS:
        _progress(f"taps with contacts over {contacts}")
        figures.taps.append(await tapping(reactor, contacts))
        for set_up in (1, 2):
            _progress(f"cold and warm connections with contacts over {contacts}, {set_up} to connect")
            figures.connections += await cold_and_warm(reactor, contacts, set_up)
    for contacts in BACKENDS:
        _progress(f"idle polls with contacts over {contacts}")
        idle, stop = await idleness(reactor, contacts)
        figures.idle.append(idle)
        figures.stops.append(stop)
    for contacts in BACKENDS:
        _progress(f"a change of network with contacts over {contacts}")
        figures.changes.append(await change_of_network(reactor, contacts))
    _progress("answers made to cost")
    figures.answers += await costs_of_answers(reactor)
    _progress("event stream decoders")
    figures.decoding += decoding_speeds()
    return figures


async def main(reactor: Any, options: Namespace) -> None:
    """Measure, and print the figures alone to standard output."""
    try:
        figures = await measure(reactor)
    except ProcessFailed as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from None
    click.echo(json.dumps(asdict(figures), indent=2) if options.json else as_text(figures))


def _progress(what: str) -> None:
    click.echo(f"measuring {what} ...", err=True)


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    react(main, [parser.parse_args()])
