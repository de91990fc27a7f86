"""What keeps mail from being routed."""

from mailroom.core.errors import MailroomError


class RoutingError(MailroomError):
    """The mail server's rules cannot be what they should be, and the same attempt would only fail again."""


class ScriptTooLarge(RoutingError):
    """The script is larger than the server takes."""


class ScriptRefused(RoutingError):
    """The server does not take the script, or does not do with it what it was asked to."""


class NotOurScript(RoutingError):
    """Somebody else's script has our name, or makes use of ours."""
