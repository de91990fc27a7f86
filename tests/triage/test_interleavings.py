"""Whatever a second client does during a triage, it is as if it had been done before it or after it."""

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, Literal

import pytest
from pydantic import SecretStr
from treq.testing import RequestTraversalAgent
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from mailroom.contacts.book import AddressBook
from mailroom.contacts.choice import choose_address_book
from mailroom.core.categories import Categories, Category
from mailroom.core.errors import MailroomError
from mailroom.http.agent import request_client
from mailroom.http.client import Http
from mailroom.jmap.client import Client
from mailroom.polling.report import Trigger
from mailroom.sandbox import Sandbox, SandboxOptions
from mailroom.sandbox.settings import SandboxSettings
from mailroom.triage.screener import Screener
from tests.account import LATE_2026, ORIGIN, ROLES
from tests.deferreds import result_of
from tests.triage.second_client import ACTIONS, BOB, ROB, SecondClient, Watched

Books = Literal["jmap", "carddav"]
Action = Callable[[SecondClient], object]
Outcome = tuple[dict[str, frozenset[str]], dict[str, frozenset[str]], int]
"""Where each mail is, which addresses are in each group, and how many contacts have the sender's address."""

CATEGORIES: Final = Categories((Category("Feed"), Category("Jail")))
LABELS: Final = ("@ToFeed", "@ToJail", "@MailroomError", "@MailroomWarning")
EVERYTHING: Final = os.environ.get("INTERLEAVINGS") == "all"
"""All of the table takes minutes; by default a sixth of its rows and half of its requests are tried."""
KINDS: Final = ("new sender", "known contact", "re-triage", "two addresses", "conflict")


class Scene:
    """An account in which a triage is due, a screener that triages, and somebody else who is at work there."""

    def __init__(self, kind: str, contacts: Books) -> None:
        self.clock = Clock()
        self.clock.advance(LATE_2026)
        options = SandboxOptions(contacts=contacts)
        sandbox = Sandbox(self.clock, options)
        self.account = sandbox.account
        self.server = Watched(sandbox.resource)
        self.settings = SandboxSettings(
            jmap_url=ORIGIN,
            jmap_username=options.username,
            jmap_password=SecretStr(options.password),
            carddav_url=ORIGIN,
            contacts=contacts,
            categories=CATEGORIES,
        )
        self.http = Http(request_client(RequestTraversalAgent(self.server)), self.clock)  # type: ignore[no-untyped-call]
        self.client = Client(self.http, self.settings.jmap_url, self.settings.require_credentials())
        self.screener = Screener(self.client, self.open_book, self.settings, self.clock, self.http.round_trips)
        self.book: AddressBook | None = None
        self.furnish()
        self.second_client = self.begin(kind)

    def furnish(self) -> None:
        for role in ROLES:
            self.account.add_mailbox(role, role=role.lower())
        for name in ("Screener", "Holidays", "Feed", "Jail", *LABELS):
            self.account.add_mailbox(name)
        for group in ("Feed", "Jail", "Mailroom"):
            self.account.address_book.add_group(group)

    def begin(self, kind: str) -> SecondClient:
        """The sender as the kind of triage has it, with three mails."""
        book, place = self.account.address_book, "Screener"
        if kind in {"known contact", "re-triage"}:
            book.add_contact("Bob Stone", BOB)
        if kind == "two addresses":
            book.add_contact("Bob Stone", BOB, ROB)
        if kind == "re-triage":
            place = "Jail"
        user = SecondClient(self.account)
        for mail, sender in {"tapped": BOB, "other": BOB, "robs": ROB}.items():
            user.deliver(sender, place, mail)
        if kind == "re-triage":
            user.put_into("Jail")
        user.label("tapped", "@ToFeed")
        if kind == "conflict":
            user.label("other", "@ToJail")
        return user

    async def open_book(self) -> AddressBook:
        if self.book is None:
            self.book = choose_address_book(self.settings, await self.client.session(), self.client, self.http)
        return self.book

    def poll(self) -> None:
        """One poll. One that is disturbed may break off: then the next one goes on."""
        self.clock.advance(10)
        with suppress(MailroomError):
            result_of(Deferred.fromCoroutine(self.screener.poll(Trigger.PUSH)))

    def settle(self) -> Outcome:
        """What it comes to in the end."""
        state = None
        while state != (state := self.account.journal.modseq):
            self.poll()
        return self.outcome

    @property
    def outcome(self) -> Outcome:
        account, book = self.account, self.account.address_book
        mails = self.second_client.mails.items()
        places = {
            name: frozenset(account.names_of(mail)) if mail in account.emails else frozenset() for name, mail in mails
        }
        groups = {
            card.full_name: frozenset(book.addresses_in(card.full_name))
            for card in book.cards.values()
            if card.is_group
        }
        return places, groups, sum(BOB in card.addresses for card in book.cards.values())


def before(kind: str, contacts: Books, act: Action) -> Outcome:
    scene = Scene(kind, contacts)
    act(scene.second_client)
    return scene.settle()


def after(kind: str, contacts: Books, act: Action) -> Outcome:
    scene = Scene(kind, contacts)
    scene.poll()
    act(scene.second_client)
    return scene.settle()


def during(kind: str, contacts: Books, act: Action, request: int) -> tuple[Outcome, bool]:
    """The action comes before this request of the triage; whether there was one so late."""
    scene = Scene(kind, contacts)
    scene.server.before(request, lambda: act(scene.second_client))
    scene.poll()
    acted = scene.server.requests >= request
    return scene.settle(), acted


def is_chosen(place: int, cell: int) -> bool:
    """Whether this action has its turn in this cell of the table: each has it in some, and in all if told so."""
    return EVERYTHING or place % 6 == cell % 6


@pytest.mark.parametrize("contacts", ["jmap", "carddav"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_second_client_does_comes_before_the_triage_or_after_it(kind: str, contacts: Books) -> None:
    """Each action before each request of the triage ends as it would before the triage, or after it."""
    cell = KINDS.index(kind) + 2 * (contacts == "carddav")
    odd: list[tuple[object, ...]] = []
    for place, (name, act) in enumerate(ACTIONS.items()):
        if not is_chosen(place, cell):
            continue
        allowed = [before(kind, contacts, act), after(kind, contacts, act)]
        request, acted = 1 if EVERYTHING else 3 + place % 2, True
        while acted:
            ended, acted = during(kind, contacts, act, request)
            if acted and ended not in allowed:
                odd.append((name, request, ended, *allowed))
            request += 1 if EVERYTHING else 2
    assert odd == []


@pytest.mark.parametrize("contacts", ["jmap", "carddav"])
def test_mail_whose_destination_is_destroyed_waits_with_its_label(contacts: Books) -> None:
    """The mail that was there already goes with it; once the destination is made again the rest is filed."""
    request, acted = 1, True
    while acted:
        scene = Scene("new sender", contacts)
        scene.server.before(request, partial(scene.second_client.destroy, "Feed"))
        scene.poll()
        acted = scene.server.requests >= request
        scene.settle()
        scene.account.add_mailbox("Feed")
        places = scene.settle()[0]
        assert not acted or places["tapped"] == {"Feed"}
        assert places["other"] in ({"Feed"}, frozenset())
        request += 1
