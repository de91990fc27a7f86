"""`python -m mailroom.sandbox`: a made-up mail account to try things on."""

import secrets
from typing import Any

import click
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.task import react
from twisted.web.server import Site

from mailroom.sandbox import Sandbox, SandboxOptions
from mailroom.sandbox.demo.population import fill_inbox, populate


@click.command()
@click.option("--port", default=0, show_default="any free one", help="The port on 127.0.0.1 to serve on.")
@click.option("--seed", default=1, show_default=True, help="Another number makes another account.")
@click.option("--empty", is_flag=True, help="A newcomer's account, with nothing yet of what Mailroom needs.")
def main(port: int, seed: int, *, empty: bool) -> None:
    """Serve a made-up mail account over JMAP and CardDAV until interrupted.

    Prints the two settings with which Mailroom finds it.
    """
    react(_serve, [port, seed, empty])


def _serve(reactor: Any, port: int, seed: int, empty: bool) -> Deferred[None]:  # noqa: FBT001 - react has no names
    """Listen, and go on until the reactor is stopped. SystemExit if the port is taken: react passes it on."""
    sandbox = Sandbox(reactor, SandboxOptions(token=secrets.token_urlsafe(24), contacts="both"))
    if empty:
        fill_inbox(sandbox.account, seed)
    else:
        populate(sandbox.account, seed)
    try:
        listening = reactor.listenTCP(port, Site(sandbox.resource), interface="127.0.0.1")
    except CannotListenError as error:
        click.echo(f"Error: Port {port} is taken ({error.socketError}). Choose another one.", err=True)
        raise SystemExit(1) from None
    click.echo(f"export MAILROOM_JMAP_URL=http://127.0.0.1:{listening.getHost().port}/.well-known/jmap")
    click.echo(f"export MAILROOM_JMAP_TOKEN={sandbox.options.token}")
    return Deferred()


if __name__ == "__main__":
    main()
