"""The rules for new mail, after a command may have changed who is in which group."""

from mailroom.account import Account
from mailroom.core.errors import MailroomError


async def renew_rules(account: Account) -> str | None:
    """Let the next mail go by the groups as they are now; why it does not, if so: what was done before stays done."""
    try:
        await account.router().renew()
    except MailroomError as error:
        return str(error)
    return None
