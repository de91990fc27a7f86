"""Why no answer came back. What an answer says is the caller's to judge, whatever its status."""

from mailroom.core.errors import MailroomError


class TransportError(MailroomError):
    """The exchange did not take place or broke off; whether the server acted on it is unknown."""


class ConnectionFailed(TransportError):
    """No connection: unknown name, refused, reset, or gone before the answer was whole."""


class CertificateRejected(TransportError):
    """The server's certificate is not one to trust."""


class ExchangeTimedOut(TransportError):
    """The server did not answer in time."""


class AnswerTooLarge(TransportError):
    """The body is larger than the caller allows, or would take too much memory or time to read."""


class HeadTooLarge(TransportError):
    """The status line and the headers of an answer go over a bound."""


class AnswerUndecodable(ConnectionFailed):
    """The body is compressed in a way that nobody asked for, or not as it says."""


class UrlTooLong(TransportError):
    """A server names a URL that no server would take."""


class RedirectRefused(TransportError):
    """A redirect that leads nowhere, in circles, or from https to http."""
