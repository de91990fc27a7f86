"""Text from anywhere, made fit to be shown."""


def one_line(text: str) -> str:
    """The text with its control characters escaped.

    The sender of a mail can then neither forge a line of a log or a table, nor talk to a terminal.
    """
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)
