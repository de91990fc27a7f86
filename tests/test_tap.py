"""The settings are judged before anything is built, and the parts are all there."""

from pathlib import Path
from typing import Any, cast

import pytest
from twisted.application.internet import StreamServerEndpointService
from twisted.application.service import IServiceMaker
from twisted.internet.posixbase import PosixReactorBase
from twisted.internet.testing import MemoryReactorClock
from twisted.plugin import getPlugins
from twisted.python import usage

from mailroom.core.config import load_settings
from mailroom.core.config_errors import ConfigurationError
from mailroom.daemon import Daemon
from mailroom.http.resolver import DaemonThreadResolver
from mailroom.service import AccountService
from mailroom.tap import Options, build_service, makeService, service_settings

pytestmark = pytest.mark.usefixtures("bare")


def parts(**settings: Any) -> list[type]:
    """The kinds of the services that these settings lead to, in the order of their start."""
    reactor = cast("PosixReactorBase", MemoryReactorClock())
    daemon = build_service(load_settings(jmap_token="abc", **settings), reactor, Daemon())
    return [type(part) for part in daemon]


def parsed(*arguments: str) -> Options:
    """The options of the plugin, as twist(d) reads them from these arguments."""
    kind: Any = Options  # It inherits a constructor without types.
    options: Options = kind()
    usage.Options.parseOptions(options, list(arguments))
    return options


def test_the_port_comes_before_the_account() -> None:
    """Where it is taken, nothing else has begun."""
    assert parts() == [StreamServerEndpointService, AccountService]


def test_there_need_be_no_port() -> None:
    """`none` leaves the web server out."""
    assert parts(web="none") == [AccountService]


def test_names_are_resolved_without_the_thread_pool() -> None:
    """It would hold up the stop."""
    reactor = MemoryReactorClock()
    build_service(load_settings(jmap_token="abc"), cast("PosixReactorBase", reactor), Daemon())
    assert isinstance(reactor.nameResolver, DaemonThreadResolver)


def test_twistd_finds_the_plugin() -> None:
    """It is called mailroom, and leads here."""
    (plugin,) = (each for each in getPlugins(IServiceMaker) if each.tapname == "mailroom")
    assert (plugin.options, plugin.makeService) == (Options, makeService)


def test_the_configuration_file_is_an_option() -> None:
    """Of the plugin, after its name."""
    Path("other.yaml").write_text("jmap_token: abc\npoll_interval: 7\n")
    assert parsed("--config", "other.yaml").settings.poll_interval == 7


def test_bad_settings_are_an_error_of_usage() -> None:
    """twist(d) shows those as a message, and all others as a crash."""
    Path("config.yaml").write_text("jmap_token: abc\npoll_interval: 0\n")
    with pytest.raises(usage.UsageError, match="poll_interval: 0 is refused"):
        parsed()


def test_missing_credentials_are_an_error_of_usage() -> None:
    """The settings alone would do without."""
    with pytest.raises(usage.UsageError, match="jmap_token: no credentials are set"):
        parsed()


@pytest.mark.parametrize("web", ["tcp:http-alt", "udp:8080", "tcp:1:2:3:4:5"])
def test_the_endpoint_must_be_one_to_listen_on(bare: pytest.MonkeyPatch, web: str) -> None:
    """Only Twisted knows which there are."""
    bare.setenv("MAILROOM_WEB", web)
    bare.setenv("MAILROOM_JMAP_TOKEN", "abc")
    with pytest.raises(ConfigurationError, match=f"web: '{web}' is no endpoint to listen on"):
        service_settings(None)


def test_no_endpoint_is_one_too(bare: pytest.MonkeyPatch) -> None:
    """Nothing is looked up for it."""
    bare.setenv("MAILROOM_WEB", "none")
    bare.setenv("MAILROOM_JMAP_TOKEN", "abc")
    assert service_settings(None).web == ""
