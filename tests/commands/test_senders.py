"""`mailroom senders`."""

import json

from tests.commands.invoking import FurnishedCommandTestCase


class SendersTests(FurnishedCommandTestCase):
    """Who has been triaged."""

    def setUp(self) -> None:
        super().setUp()
        self.put_into("Feed", "bob@example.com", note="Triaged to Feed on 2026-11-23")
        self.put_into("Paper Trail", "ann@example.com", "Ann Lee")

    def test_a_line_for_each_sender(self) -> None:
        """With the category and the day, as far as it is known."""
        result = self.invoke("senders")
        assert result.exit_code == 0
        assert result.stdout.splitlines() == [
            "sender           name       category     triaged",
            "ann@example.com  Ann Lee    Paper Trail",
            "bob@example.com  Bob Stone  Feed         2026-11-23",
        ]

    def test_one_category(self) -> None:
        """Named in any case."""
        result = self.invoke("senders", "--category", "paper trail")
        assert [line.split()[0] for line in result.stdout.splitlines()] == ["sender", "ann@example.com"]

    def test_for_a_script(self) -> None:
        """A list of objects."""
        (bob,) = json.loads(self.invoke("senders", "--json", "--category", "Feed").stdout)
        assert bob == {
            "addresses": ["bob@example.com"],
            "name": "Bob Stone",
            "categories": ["Feed"],
            "triaged_on": "2026-11-23",
            "created_by_mailroom": False,
        }

    def test_nobody_is_a_sentence(self) -> None:
        """No empty table; but to a script, an empty list."""
        assert self.invoke("senders", "--category", "jail").stdout == "Nobody is in Jail.\n"
        assert json.loads(self.invoke("senders", "--json", "--category", "Jail").stdout) == []

    def test_an_unknown_category_is_an_error(self) -> None:
        """Which names those there are."""
        result = self.invoke("senders", "--category", "Fed")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Did you mean 'Feed'? The categories are: Imbox, Feed," in result.stderr

    def test_two_groups_of_one_name_are_told(self) -> None:
        """Who is in either is nobody's, and not just absent from the list."""
        self.book.add_group("Feed")
        result = self.invoke("senders", "--json", "--category", "Feed")
        assert json.loads(result.stdout) == []
        assert 'contact group "Feed" (2 groups have this name: rename all but one)' in result.stderr
