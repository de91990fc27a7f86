"""`python -m mailroom.sandbox`: a made-up mail account to try things on."""

import secrets
from typing import Any, cast

import click
from twisted.internet.address import IPv4Address
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IReactorTCP, IReactorTime
from twisted.internet.protocol import ServerFactory
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
    from twisted.internet import reactor  # noqa: PLC0415 - installs itself where it is imported

    sandbox = Sandbox(cast("IReactorTime", reactor), SandboxOptions(token=secrets.token_urlsafe(24), contacts="both"))
    if empty:
        fill_inbox(sandbox.account, seed)
    else:
        populate(sandbox.account, seed)
    try:
        site = cast("ServerFactory[Any]", Site(sandbox.resource))
        listening = cast("IReactorTCP", reactor).listenTCP(port, site, interface="127.0.0.1")
    except CannotListenError as error:
        raise click.ClickException(f"Port {port} is taken ({error.socketError}). Choose another one.") from error
    served = cast("IPv4Address", listening.getHost())
    click.echo(f"export MAILROOM_JMAP_URL=http://127.0.0.1:{served.port}/.well-known/jmap")
    click.echo(f"export MAILROOM_JMAP_TOKEN={sandbox.options.token}")
    reactor.run()


if __name__ == "__main__":
    main()
