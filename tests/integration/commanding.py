"""What commands do, on a real account."""

from datetime import date
from typing import Final

from mailroom.account import Account
from mailroom.http.agent import request_agent
from mailroom.triage.mailbox_patch import MAILS_PER_WRITE
from mailroom.triage.one_sender import OneSenderTriage, read_sender
from mailroom.triage.plan import Filing
from tests.integration.real_time import reactor
from tests.integration.servers import MailLogin
from tests.integration.service import settings_for
from tests.triage.made_up import category

TODAY: Final = date(2026, 11, 23)
SEVERAL_PAGES: Final = MAILS_PER_WRITE + 200
"""How many mails a walk through the account does not read at once."""


def connect(login: MailLogin) -> Account:
    return Account(settings_for(login), reactor, request_agent(reactor))


async def triage(login: MailLogin, sender: str, name: str) -> Filing:
    """Triage a sender to the category of this name."""
    account = connect(login)
    by_hand = OneSenderTriage(account.client, await account.open_book(), account.settings)
    return await by_hand.file(read_sender(sender), category(name), TODAY)
