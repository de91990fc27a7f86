"""What the settings name and the account lacks, in the same words in the log, in /healthz and in every command."""

from collections.abc import Iterable


def missing_mailbox(name: str, there: int = 0, kind: str = "mailbox", refusal: str = "") -> str:
    """A mailbox or label that is not there, of whose name there are several, or that cannot be used for this."""
    problem = f"{there} mailboxes have this name: write its path" if there else refusal
    return f'{kind} "{name}" ({problem})' if problem else f'{kind} "{name}"'


def missing_group(name: str, there: int = 0) -> str:
    """A contact group that is not there, or of whose name there are several."""
    several = f" ({there} groups have this name: rename all but one)" if there else ""
    return f'contact group "{name}"{several}'


def is_absent(lack: str) -> bool:
    """Whether such a thing is not there at all, so that it can be created; else something has to be put right first."""
    return lack.endswith('"')  # behind which the name ends, and else a problem follows


def lacking(lacks: Iterable[str]) -> str:
    """Why nothing can be filed, in words: what is there twice is not told as missing."""
    lacks = tuple(lacks)
    absent, unusable = [each for each in lacks if is_absent(each)], [each for each in lacks if not is_absent(each)]
    told = [f"the account has no {', no '.join(absent)}"] if absent else []
    told += [f"cannot be used: {', '.join(unusable)}"] if unusable else []
    return "; ".join(told)
