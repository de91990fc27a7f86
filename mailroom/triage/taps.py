"""What the labels ask for: who goes where, and whom nobody can tell about."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailroom.core.categories import Category
from mailroom.model.mail import Mail


@dataclass(frozen=True, slots=True)
class Tap:
    """One sender to triage, the category that the labels ask for, and the mails that carry the label."""

    address: str
    spelling: str
    name: str
    category: Category
    mails: tuple[Mail, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Labelled mails that cannot be acted on before their user has decided, and why."""

    mails: tuple[Mail, ...]
    reason: str


def read_taps(labelled: Iterable[Mail], labels: Mapping[str, Category]) -> tuple[list[Tap], list[Conflict]]:
    """Sort labelled mails by sender. `labels` gives the category for the mailbox id of a label.

    Different labels on one sender's mails contradict each other, even on mails a year apart; and a label on mail
    without a sender, with two, or with one whose address cannot be used, says nothing. All are refused rather than
    guessed at.
    """
    by_sender: dict[str, list[Mail]] = defaultdict(list)
    conflicts = []
    for mail in labelled:
        if mail.sender is None:
            conflicts.append(Conflict((mail,), mail.problem))
        else:
            by_sender[mail.sender.address].append(mail)
    taps = []
    for address, mails in by_sender.items():
        asked = {labels[label].name: labels[label] for mail in mails for label in mail.mailboxes if label in labels}
        if len(asked) == 1:
            taps.append(_tap(mails, *asked.values()))
        elif asked:
            conflicts.append(Conflict(tuple(mails), f"{address} is labelled for {' and for '.join(sorted(asked))}"))
    return taps, conflicts


def _tap(mails: list[Mail], category: Category) -> Tap:
    senders = [mail.sender for mail in mails if mail.sender is not None]
    name = next((sender.name for sender in senders if sender.name), "")
    return Tap(senders[0].address, senders[0].spelling, name, category, tuple(mails))
