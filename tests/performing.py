"""Tasks at work on a furnished account, on a clock."""

from tests.empty import EmptyTestCase
from tests.furnished import FurnishedTestCase


class PerformingTestCase(EmptyTestCase):
    """A test that does tasks as commands do, on an account with everything that the settings ask for."""

    furnish = FurnishedTestCase.furnish

    def put_into(self, group: str, address: str, name: str = "Bob Stone", note: str = "") -> str:
        """A contact of the user's own making, put into a group by hand; its uid."""
        uid = self.book.add_contact(name, address, note=note)
        self.book.add_member(group, uid)
        return uid
