"""A server repeats what it was sent, wherever it can: no secret is told, and none is changed where it is data."""

import html
import json
import math
from base64 import b64encode
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any, ClassVar, Final
from urllib.parse import quote

from twisted.application.service import MultiService
from twisted.logger import globalLogPublisher

from mailroom.core.redaction import REDACTED, Redaction
from mailroom.core.setting_types import LogFormat
from mailroom.logs import log_observer
from mailroom.sandbox.faults import Answer
from mailroom.sandbox.options import SieveOptions
from mailroom.service import AccountService
from mailroom.web.health import Health
from tests.altering import Alter, AlteringAgent, alter_answers, alter_json
from tests.commands.invoking import FurnishedCommandTestCase
from tests.hunt import secrets_in

USERNAME, PASSWORD = "sandbox@example.com", "sandbox-password"
BASE64 = b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
SPELLINGS = (
    PASSWORD,
    f"Basic {BASE64}",
    quote(BASE64, safe=""),
    "".join(f"\\u{ord(each):04x}" for each in PASSWORD),
    "".join(f"&#{ord(each)};" for each in PASSWORD),
    html.escape(f"{USERNAME}:{PASSWORD}"),
)
ECHO = f"You sent {', '.join(SPELLINGS)}."
CUT = f"{'x' * 190} {PASSWORD}"
"""What a message of 200 characters would cut in the middle of the secret."""
FORMATS: tuple[LogFormat, ...] = ("text", "json")
COMMANDS = (
    ("check",),
    ("check", "--json"),
    ("setup", "--apply"),
    ("setup", "--json"),
    ("senders",),
    ("senders", "--json"),
    ("sweep", "--apply"),
    ("sweep", "--json"),
    ("triage", "bob@example.com", "Feed"),
    ("triage", "bob@example.com", "Imbox", "--json"),
    ("reset", "--apply", "--yes"),
)


def json_answer(status: int, document: Any, path: str = "/") -> Answer:
    return Answer(status, {"Content-Type": "application/problem+json"}, json.dumps(document).encode(), path)


ANSWERS: dict[str, Answer] = {
    **{
        f"text with status {status}": Answer(status, {}, ECHO.encode())
        for status in (400, 401, 403, 404, 429, 500, 503)
    },
    "text that is cut": Answer(400, {}, CUT.encode()),
    "page": Answer(401, {"Content-Type": "text/html"}, f"<h1>{ECHO}</h1>".encode()),
    "page in place of an answer": Answer(200, {"Content-Type": "text/html"}, f"<h1>{ECHO}</h1>".encode()),
    "detail": json_answer(400, {"type": "about:blank", "detail": ECHO}),
    "detail that is cut": json_answer(400, {"detail": CUT}),
    "title": json_answer(403, {"title": ECHO}),
    "problem": json_answer(400, {"type": ECHO, "limit": ECHO}),
    "limit": json_answer(400, {"type": "urn:ietf:params:jmap:error:limit", "limit": ECHO}),
    "challenge": Answer(401, {"WWW-Authenticate": f'Digest realm="{PASSWORD}", nonce="{BASE64}"'}),
    "challenge of another kind": Answer(401, {"WWW-Authenticate": PASSWORD}),
    "redirect": Answer(302, {"Location": f"/{PASSWORD}/{BASE64}?{PASSWORD}"}),
    "redirect out of https": Answer(307, {"Location": f"http://mail.example/{PASSWORD}"}),
    "redirect to another host": Answer(307, {"Location": f"https://{PASSWORD}.example/{PASSWORD}"}),
    "redirect to no URL": Answer(307, {"Location": f"https://[{PASSWORD}"}),
    "retry": Answer(503, {"Retry-After": PASSWORD}, ECHO.encode()),
    "stream of another type": Answer(200, {"Content-Type": f"{'x' * 90}/{PASSWORD}"}, b"", "/jmap/eventsource"),
    "stream that is refused": Answer(400, {}, ECHO.encode(), "/jmap/eventsource"),
    "address book": Answer(503, {}, ECHO.encode(), "/dav/addressbooks"),
}


def every_text(change: Callable[[str], str], value: Any) -> Any:
    match value:
        case str():
            return change(value)
        case dict():
            return {name: every_text(change, member) for name, member in value.items()}
        case list():
            return [every_text(change, item) for item in value]
    return value


def method_error(_method: str, _arguments: dict[str, Any]) -> str:
    return ECHO


def set_error(method: str, arguments: dict[str, Any]) -> Any:
    """Everything is refused, with the secret in each member of the reason."""
    if not method.endswith("/set"):
        return arguments
    refusals = {"type": PASSWORD, "description": ECHO, "properties": [PASSWORD, BASE64]}
    changed = {"created": "notCreated", "updated": "notUpdated", "destroyed": "notDestroyed"}
    return (
        arguments
        | {refused: dict.fromkeys(arguments.get(done) or (), refusals) for done, refused in changed.items()}
        | dict.fromkeys(changed)
    )


def names(_method: str, arguments: dict[str, Any]) -> Any:
    """Whatever has a name, and is none of Mailroom's, is called by the secret."""
    objects = [
        {**each, "name": f"{PASSWORD} {each['name']}"} if str(each.get("name")) in {"Archive", "Sent"} else each
        for each in arguments.get("list", [])
        if isinstance(each, dict)
    ]
    return arguments | {"list": objects} if arguments.get("list") else arguments


def in_session(**members: Any) -> Alter:
    return alter_json(lambda url, document: {**document, **members} if "/session" in url else document)


def accounts_by_the_secret(url: str, document: Any) -> Any:
    if "/session" not in url:
        return document
    return document | {"accounts": {PASSWORD: {"name": ECHO}}, "primaryAccounts": {}}


ALTERATIONS: dict[str, Alter] = {
    "method errors": alter_answers(method_error),
    "set errors": alter_answers(set_error),
    "names of mailboxes": alter_answers(names),
    "user name": in_session(username=ECHO),
    "accounts": alter_json(accounts_by_the_secret),
    "API over http": in_session(apiUrl=f"http://mail.example/{PASSWORD}"),
    "API beyond a cut": in_session(apiUrl=f"http://{'x' * 80}/{PASSWORD}"),
    "API that is not there": in_session(apiUrl=f"/jmap/{PASSWORD}"),
    "API that is no URL": in_session(apiUrl=f"https://[{PASSWORD}"),
    "event source": in_session(eventSourceUrl=f"/jmap/{PASSWORD}/{BASE64}?{PASSWORD}"),
    "event source over http": in_session(eventSourceUrl=f"http://mail.example/{PASSWORD}"),
    "links": lambda _url, body: body.replace(b"/dav/addressbooks/user", f"/dav/addressbooks/{PASSWORD}".encode()),
    "JSON in which nothing is what it was": alter_json(
        lambda _url, document: every_text(lambda text: f"{text} {PASSWORD}", document)
    ),
}


SILENT: Final = {
    "page",
    "page in place of an answer",
    "challenge",
    "challenge of another kind",
    "limit",
    "redirect to no URL",
    "stream that is refused",
    "names of mailboxes",
}
"""Echoes of which no command tells anything at all. Of all others something is told, without the secret."""


class EchoTestCase(FurnishedCommandTestCase):
    """A test with a server that repeats what it was sent. That nothing of it is logged, `conftest` looks after."""

    def setUp(self) -> None:
        super().setUp()
        self.altering = AlteringAgent(self.agent)
        self.agent = self.altering  # type: ignore[assignment]  # it takes its place

    def every_case(self) -> Iterator[str]:
        """Each kind of an echo in turn, and the account as it is at first."""
        for name, answer in ANSWERS.items():
            self.order(answer, times=math.inf)
            yield name
        self.order()
        for name, alter in ALTERATIONS.items():
            self.altering.alter = alter
            self.tap(self.deliver())
            yield name
            self.altering.alter = None

    def outputs(self) -> str:
        """What all commands print."""
        return "".join(self.invoke(*command).output for command in COMMANDS)

    def live(self, seconds: float) -> str:
        """What the service logs, for people and for programs, and shows in /healthz, in a time."""
        redaction, streams = Redaction(), (StringIO(), StringIO())
        observers = [
            log_observer(stream, form, "debug", redaction) for stream, form in zip(streams, FORMATS, strict=True)
        ]
        service = AccountService(self.configured, self.clock, self.agent, self.agent, uniform=max, redaction=redaction)
        for observer in observers:
            globalLogPublisher.addObserver(observer)
        try:
            MultiService.startService(service)
            for _ in range(round(seconds / self.ROUND_TRIP)):
                self.clock.advance(self.ROUND_TRIP)
                self.agent.flush()  # type: ignore[no-untyped-call]  # untyped in treq
            health = Health(service.polls, lambda: service.stream_status, 60, redaction)
            report = json.dumps(health.report(self.clock.seconds()))
            MultiService.stopService(service)
        finally:
            for observer in observers:
                globalLogPublisher.removeObserver(observer)
        return "".join([*(stream.getvalue() for stream in streams), report])


class NothingIsToldTests(EchoTestCase):
    """Contacts over JMAP."""

    also_silent: ClassVar[set[str]] = {"address book", "links"}

    def test_by_no_command(self) -> None:
        """For people or for scripts; and what is said instead shows that there was something to hide."""
        told = {name: self.outputs() for name in self.every_case()}
        assert [name for name, output in told.items() if secrets_in(output)] == []
        silent = {name for name, output in told.items() if REDACTED[:-1] not in output}
        assert silent == SILENT | self.also_silent

    def test_by_no_service(self) -> None:
        """Neither in the log nor in /healthz."""
        assert [name for name in self.every_case() if secrets_in(self.live(10))] == []


class NothingIsToldWithCardDavTests(NothingIsToldTests):
    """Contacts over CardDAV."""

    contacts = "carddav"
    also_silent: ClassVar[set[str]] = set()


class NothingIsChangedTests(FurnishedCommandTestCase):
    """What holds the secret because its user or a sender wrote it there stays as it is on the server."""

    options: ClassVar[dict[str, Any]] = {"sieve": SieveOptions(extensions=("fileinto",))}
    address = f"{PASSWORD}@example.com"

    def test_a_sender_keeps_address_and_name(self) -> None:
        """Whoever is called so is filed so, and is told without it."""
        mail = self.tap(self.deliver(self.address, name=f"Ann {PASSWORD}"))
        result = self.invoke("triage", f"Ann {PASSWORD} <{self.address}>", "Feed")
        assert result.stdout.startswith(f"ok    triaged {REDACTED}@example.com to Feed")
        assert self.members("Feed") == {self.address}
        assert "Feed" in self.where(mail)
        (card,) = [each for each in self.book.cards.values() if self.address in str(each)]
        assert f"Ann {PASSWORD}" in str(card)

    def test_a_card_keeps_what_its_user_wrote(self) -> None:
        """In the card of a sender who is moved to another group, whole cards go back over CardDAV."""
        uid = self.put_into("Feed", "bob@example.com", name=f"Bob {PASSWORD}", note=f"The word is {PASSWORD}.")
        self.invoke("triage", "bob@example.com", "Imbox")
        assert self.members("Imbox") == {"bob@example.com"}
        card = self.book.by_uid(uid)
        assert card is not None
        assert f"The word is {PASSWORD}." in str(card)
        assert f"Bob {PASSWORD}" in str(card)

    def test_a_script_keeps_its_addresses(self) -> None:
        """Mailroom's script is compared, and stored, as it is."""
        self.put_into("Feed", self.address)
        self.invoke("setup", "--apply")
        script = self.account.scripts.active
        assert script is not None
        assert self.address in script.content
        assert "active and up to date" in self.invoke("check").stdout


class NothingIsChangedWithCardDavTests(NothingIsChangedTests):
    """Contacts over CardDAV."""

    contacts = "carddav"
