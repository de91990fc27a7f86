"""An account on a sandbox that is ready for Mailroom."""

from tests.account import AccountTestCase


class FurnishedTestCase(AccountTestCase):
    """A test with an account that has everything the settings ask for."""

    def setUp(self) -> None:
        super().setUp()
        settings = self.configured
        names = [settings.screener_mailbox, settings.error_label, settings.warning_label]
        names += [name for each in settings.categories for name in (each.label, each.destination_mailbox)]
        for name in names:
            self.account.add_mailbox(name)
        for group in (*(each.contact_group for each in settings.categories), settings.provenance_group):
            self.book.add_group(group)
