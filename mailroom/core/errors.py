"""The root of every error that Mailroom raises on purpose."""


class MailroomError(Exception):
    """Something a person may have to act on: its message says what happened and what to do next.

    Messages are shown as they are, in the log, in /healthz and on the command line. They never hold a secret, and what
    they quote of a server's answer is short.
    """
