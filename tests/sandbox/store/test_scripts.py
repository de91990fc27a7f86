"""The scripts of an account."""

from mailroom.sandbox.store.journal import Journal
from mailroom.sandbox.store.scripts import Scripts


def test_activation_changes_two_scripts() -> None:
    """The one that is followed now, and the one that no longer is."""
    scripts = Scripts(Journal())
    first, second = scripts.add("one", "B1", "keep;"), scripts.add("two", "B2", "keep;")
    assert scripts.activate(first) == [first]
    assert scripts.activate(second) == [first, second]
    assert scripts.activate(second) == []
    assert scripts.activate(None) == [second]
    assert scripts.active is None


def test_changes_are_noted() -> None:
    """Each makes another state."""
    journal = Journal()
    scripts = Scripts(journal)
    states = [journal.state("SieveScript")]
    script = scripts.add("one", "B1", "keep;")
    states.append(journal.state("SieveScript"))
    scripts.change(script, name="one", blob_id="B2", content="stop;")
    states.append(journal.state("SieveScript"))
    scripts.remove(script)
    states.append(journal.state("SieveScript"))
    assert len(set(states)) == 4
