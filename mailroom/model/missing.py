"""What the settings name and the account lacks, in the same words in the log, in /healthz and in every command."""


def missing_mailbox(name: str, there: int = 0, kind: str = "mailbox", refusal: str = "") -> str:
    """A mailbox or label that is not there, of whose name there are several, or that cannot be used for this."""
    problem = f"{there} mailboxes have this name: write its path" if there else refusal
    return f'{kind} "{name}" ({problem})' if problem else f'{kind} "{name}"'


def missing_group(name: str, there: int = 0) -> str:
    """A contact group that is not there, or of whose name there are several."""
    several = f" ({there} groups have this name: rename all but one)" if there else ""
    return f'contact group "{name}"{several}'
