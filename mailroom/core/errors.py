"""The root of every error that Mailroom raises on purpose."""

from mailroom.core.printable import one_line


class MailroomError(Exception):
    """Something a person may have to act on: its message says what happened and what to do next.

    Messages are shown as they are, in the log, in /healthz and on the command line. They never hold a secret, and what
    they quote of a server's answer is short. They are one line without control characters, whatever they quote.
    """

    status: int | None = None
    """The HTTP status of the answer that it comes of, if it comes of one."""
    temporary: bool = False
    """Whether the same may work later although nobody changes anything."""
    accepted_before: bool = False
    """Of a login that is refused: whether this very login was accepted before. A server that finds somebody logging in
    too often refuses good logins too, for a while, in the words that it has for bad ones."""
    retry_after: float | None = None
    """The seconds that the server asked to be left alone for, if it did: `core.retry` says where they are honoured."""

    def __str__(self) -> str:
        return one_line(super().__str__())


class WrongUsage(MailroomError):
    """An argument of a command that means nothing here."""
