"""An account put back as if Mailroom had never been there.

Each step asks the account anew and takes away what is there, in an order in which nothing is left that cannot be told
for Mailroom's any more. So whatever breaks off is finished by doing all of it again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from mailroom.contacts.book import AddressBook, Removal
from mailroom.core.config import MailroomSettings
from mailroom.jmap.client import Client
from mailroom.jmap.get import Get
from mailroom.jmap.set import Set
from mailroom.model.mailboxes import MAILBOX_PROPERTIES, Mailbox
from mailroom.routing.errors import RoutingError
from mailroom.routing.router import Router
from mailroom.setup.undo import ContactReturn, Fate, MailReturn, removable, return_contacts
from mailroom.triage.all_mail import Progress, patch_all_mail, staying

_NOT_EMPTY = frozenset({"mailboxHasEmail", "mailboxHasChild"})


@dataclass(frozen=True, slots=True)
class ResetPlan:
    """What a reset would do: to how many mails what, to which contacts what, and whether there are rules to remove."""

    mails: Mapping[Fate, int]
    contacts: ContactReturn
    rules: bool


@dataclass(frozen=True, slots=True)
class ResetReport:
    """What a reset did: `plan` is what it found to do. `failures` are sentences; another reset tries those again.

    `removed` names the mailboxes and groups that were removed, and `left` those that were to be, but are not empty.
    `advice` is a sentence on which script the mail server follows now; None if there is nothing to say.
    """

    plan: ResetPlan
    failures: tuple[str, ...]
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class Reset:
    """Takes back from an account what Mailroom has brought to it."""

    client: Client
    book: AddressBook
    router: Router
    settings: MailroomSettings

    async def plan(self, progress: Progress) -> ResetPlan:
        """Look at everything, and change nothing."""
        contacts = return_contacts(await self.book.everyone(), self.settings)
        rules = await self.router.is_installed()
        mails = MailReturn(await self._mailboxes(), self.settings)
        await patch_all_mail(self.client, mails.patch, progress, apply=False)
        return ResetPlan(mails.counts, contacts, rules)

    async def apply(self, progress: Progress, *, remove_mailboxes: bool) -> ResetReport:
        """Take everything back: mail and labels, groups, contacts, rules, and last what is then empty, if asked to.

        One thing's failure keeps no other from being done, but for the last step: nothing is removed that what is left
        may still refer to. What fails for everything is raised.
        """
        mails = MailReturn(await self._mailboxes(), self.settings)
        refused = await patch_all_mail(self.client, mails.patch, progress, apply=True)
        failures = [f"{staying(count)}: {reason}" for reason, count in refused.items()]
        contacts = return_contacts(await self.book.everyone(), self.settings)
        for step in contacts.removals():
            failures += _named(await self.book.remove(step), contacts)
        rules, advice = await self._remove_rules(failures)
        plan = ResetPlan(mails.counts, contacts, rules)
        if failures or not remove_mailboxes:
            return ResetReport(plan, tuple(failures), advice=advice)
        return replace(await self._remove_what_is_empty(plan, failures), advice=advice)

    async def _mailboxes(self) -> tuple[Mailbox, ...]:
        mailboxes = Get("Mailbox", properties=MAILBOX_PROPERTIES)
        await self.client.run(mailboxes)
        return tuple(map(Mailbox.from_jmap, mailboxes.objects))

    async def _remove_rules(self, failures: list[str]) -> tuple[bool, str | None]:
        """Whether there were rules, and what is to be said of those that are followed now."""
        try:
            removal = await self.router.remove()
        except RoutingError as error:
            failures.append(str(error))
            return True, None
        return removal is not None, removal.advice if removal is not None else None

    async def _remove_what_is_empty(self, plan: ResetPlan, failures: Iterable[str]) -> ResetReport:
        """Groups, and mailboxes and labels: the servers themselves refuse to remove what is not empty."""
        groups = plan.contacts.groups
        kept = await self.book.remove(Removal(delete_groups=frozenset(groups))) if groups else {}
        removables = removable(await self._mailboxes(), self.settings)
        mailboxes = {mailbox.id: f'mailbox "{mailbox.name}"' for mailbox in removables}
        # Without onDestroyRemoveEmails (RFC 8621 section 2.5): a mailbox that has mail is refused, not lost with it.
        removal = Set("Mailbox", destroy=mailboxes)
        await self.client.run(removal)
        refused = {id_: error for id_, error in removal.not_destroyed.items() if error.type not in _NOT_EMPTY}
        gone = [id_ for id_ in mailboxes if id_ not in removal.not_destroyed]
        return ResetReport(
            plan,
            failures=(
                *failures,
                *_named(kept, plan.contacts),
                *(f"{mailboxes[id_]} is not removed: {error}" for id_, error in refused.items()),
            ),
            removed=(
                *(f'contact group "{name}"' for uid, name in groups.items() if uid not in kept),
                *(mailboxes[id_] for id_ in gone),
            ),
            left=tuple(mailboxes[id_] for id_ in removal.not_destroyed if id_ not in refused),
        )


def _named(failures: Mapping[str, str], contacts: ContactReturn) -> list[str]:
    """Failures that are told by uid, told by what people call a contact or a group."""
    named = (*contacts.deleted, *contacts.kept, *contacts.adopted)
    names = {contact.uid: contact.name or ", ".join(sorted(contact.addresses)) for contact in named}
    return [f"{(names | dict(contacts.groups)).get(uid, uid)}: {reason}" for uid, reason in failures.items()]
