"""`mailroom demo`: the whole service at work on a made-up account, on this machine alone."""

import secrets
import socket
import sys
import time
from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Any, Final, cast

import click
from pydantic import SecretStr
from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater, react
from twisted.logger import globalLogBeginner

from mailroom.commands.demo_output import DemoOutput
from mailroom.core.config import MailroomSettings
from mailroom.core.errors import MailroomError
from mailroom.core.printable import counted
from mailroom.daemon import Daemon
from mailroom.http.agent import request_agent, request_client
from mailroom.http.client import Http
from mailroom.logs import log_observer
from mailroom.sandbox import Sandbox, SandboxOptions
from mailroom.sandbox.demo.population import populate
from mailroom.sandbox.demo.stage import Reaction, Stage
from mailroom.sandbox.demo.visitor import Gesture, Visitor
from mailroom.sandbox.settings import SandboxSettings
from mailroom.tap import build_service, make_monotonic
from mailroom.web.site import QuietSite

_HOST: Final = "127.0.0.1"
_USUAL_HEALTH_PORT: Final = 8080
_ROUND: Final = 5
"""How many gestures show everything once."""
_DEBOUNCE: Final = 0.2
_BRISK: Final = _DEBOUNCE + 0.1
_LEISURELY: Final = 5.0
"""Seconds between gestures: as soon as the service polls at once again, or so that people can follow."""


@click.command("demo", epilog="Example: mailroom demo --once")
@click.option("--once", is_flag=True, help="Show one round of taps and a summary, then exit.")
@click.option("--verbose", is_flag=True, help="Show the log of the service as well.")
def command(*, once: bool, verbose: bool) -> None:
    """Watch Mailroom at work on a made-up account, until Ctrl-C.

    An embedded mail server, the real service, and a user who taps labels now and then: all of it on this machine. No
    setting of yours is read, and no account of yours is touched.
    """
    observer = log_observer(sys.stderr, "text", "info" if verbose else "error")
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)
    react(_demonstrate, [once])


async def _demonstrate(reactor: Any, once: bool) -> None:  # noqa: FBT001 - react has no names for arguments
    make_monotonic(reactor)
    # react calls this before the reactor runs. Only from the next turn on is Ctrl-C the reactor's, and ends well.
    await deferLater(reactor, 0)
    try:
        sandbox = Sandbox(reactor, SandboxOptions(token=secrets.token_urlsafe(24)), wall_clock=time.time)
        populate(sandbox.account)
        health_port = _free_port(_USUAL_HEALTH_PORT)
        settings = _settings(sandbox.options, _serve(sandbox, reactor), health_port)
        _start(settings, reactor)
        health_url = f"http://{_HOST}:{health_port}/healthz"
        click.echo(f"The account   {counted(len(sandbox.account.emails), 'made-up mail')} at {settings.jmap_url}")
        click.echo(f"The service   {health_url}")
        click.echo("The user      taps labels in the account, until Ctrl-C\n")

        visitor = Visitor(sandbox.account, settings, Random())  # noqa: S311 - taps are no secret
        http = Http(request_client(request_agent(reactor)), reactor, wall_clock=time.time)
        stage = Stage(sandbox.account, visitor, http, health_url, reactor, wall_clock=time.time)
        await stage.service_is_ready()
        await _play(stage, visitor.gestures(), DemoOutput(sandbox.account), reactor, once=once)
    except MailroomError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from None
    except BrokenPipeError:  # nobody looks on any more
        raise SystemExit(1) from None


async def _play(
    stage: Stage, gestures: Iterator[Gesture], output: DemoOutput, clock: IReactorTime, *, once: bool
) -> None:
    """Tell each gesture and what came of it: for one round and its summary, or for ever."""

    async def play(gesture: Gesture) -> Reaction:
        click.echo(output.gesture(gesture, time.time()))
        reaction = await stage.play(gesture)
        click.echo(output.reaction(reaction))
        await deferLater(clock, _BRISK if once else _LEISURELY)
        return reaction

    await deferLater(clock, _BRISK)
    while True:
        reactions = [await play(gesture) for gesture in islice(gestures, _ROUND)]
        if once:
            click.echo(f"\n{output.summary(reactions)}")
            return


def _serve(sandbox: Sandbox, reactor: Any) -> int:
    """Serve the account to this machine; the port."""
    listening = reactor.listenTCP(0, QuietSite(sandbox.resource, reactor), interface=_HOST)
    return cast("IPv4Address", listening.getHost()).port


def _free_port(preferred: int) -> int:
    """The preferred port of this machine, or another one if it is taken."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
            return cast("int", probe.getsockname()[1])
    raise MailroomError(f"No port of {_HOST} is free.")


def _settings(account: SandboxOptions, port: int, health_port: int) -> MailroomSettings:
    return SandboxSettings(
        jmap_url=f"http://{_HOST}:{port}/.well-known/jmap",
        jmap_token=SecretStr(account.token),
        web=f"tcp:{health_port}:interface={_HOST}",
        debounce_seconds=_DEBOUNCE,
    )


def _start(settings: MailroomSettings, reactor: Any) -> None:
    """The service that `mailroom run` runs, until the reactor stops."""
    service = build_service(settings, reactor, Daemon())
    service.startService()
    reactor.addSystemEventTrigger("before", "shutdown", service.stopService)
