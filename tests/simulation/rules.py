"""Where new mail goes, as the README has it: what a server does that looks into the groups at delivery. No I/O."""

from tests.simulation.people import CATEGORIES, SCREENER
from tests.simulation.snapshot import Snapshot


def rules(sender: str, at: Snapshot) -> list[str]:
    """The names of the mailboxes for new mail of a sender; the Inbox is meant where there is none."""
    groups = at.groups_of(sender)
    places = [category.destination_mailbox for category in CATEGORIES if category.contact_group in groups]
    above = {each.name for category in CATEGORIES if category.name in groups for each in CATEGORIES.chain(category)[1:]}
    if any(category.add_to_inbox for category in CATEGORIES if category.name in groups - above):
        places.append("Inbox")
    if places or at.is_known(sender):
        return places
    return [SCREENER]
