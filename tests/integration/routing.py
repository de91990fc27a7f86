"""The commands' side of routing, on a real account."""

from typing import Any

import pytest

from mailroom.account import Account
from mailroom.http.agent import stream_agent
from mailroom.routing.router import Router
from mailroom.routing.storage import Script, ScriptStorage
from tests.integration.messages import message
from tests.integration.real_time import reactor
from tests.integration.servers import MailLogin, MailServer
from tests.integration.service import settings_for

ON_CYRUS = pytest.mark.parametrize("server", [pytest.param("cyrus", marks=pytest.mark.cyrus)], indirect=True)
"""For tests that need a server which runs the script."""
IN_BOTH_MODES = pytest.mark.parametrize("routing", ["groups", "addresses"])
OWN_SCRIPT = 'require ["fileinto"];\r\nif header :is "subject" "Secret" { fileinto "Jail"; }\r\n'
"""What a user may have written."""


class Rules:
    """An account's router, and its scripts as another program sees them."""

    def __init__(self, account: Account) -> None:
        self.router: Router = account.router()
        self.storage = ScriptStorage(account.client)

    async def scripts(self) -> dict[str, bool]:
        """Every script by its name, and whether it is active."""
        return {script.name: script.is_active for script in await self.storage.all()}

    async def text(self, name: str = "mailroom") -> str:
        return await self.storage.content(await self._named(name))

    async def write(self, name: str, text: str, *, activate: bool = True) -> None:
        """Store a script as the user."""
        blob_id = await self.storage.upload(text)
        if name in await self.scripts():
            await self.storage.replace(await self._named(name), blob_id)
        else:
            script = await self.storage.create(name, blob_id)
            if activate:
                await self.storage.activate(script)

    async def switch_off(self) -> None:
        """Let the server follow no script."""
        for script in await self.storage.all():
            if script.is_active:
                await self.storage.deactivate(script)

    async def _named(self, name: str) -> Script:
        return next(script for script in await self.storage.all() if script.name == name)


def rules_of(login: MailLogin, **settings: Any) -> Rules:
    """The rules of an account."""
    return Rules(Account(settings_for(login, **settings), reactor, stream_agent(reactor)))


async def install(login: MailLogin, routing: str) -> None:
    """Have the rules stored and activated, complete and in this mode."""
    state = await rules_of(login, routing=routing).router.install()
    assert state.mode == routing


def deliver(server: MailServer, **mails: str) -> None:
    """Deliver mails, given by subject and From header."""
    server.deliver(*(message(sender, subject) for subject, sender in mails.items()))
