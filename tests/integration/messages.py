"""Mails to deliver."""


def message(sender: str = "bob@example.com", subject: str = "A mail") -> bytes:
    """A small mail with one From header, whose value stands as it is given."""
    return message_with(f"From: {sender}", subject=subject)


def message_with(*headers: str, subject: str = "A mail") -> bytes:
    """A small mail with these header lines, in UTF-8 where they are not ASCII, beside a Subject."""
    return "\r\n".join([*headers, f"Subject: {subject}", "", "Hello.", ""]).encode()
