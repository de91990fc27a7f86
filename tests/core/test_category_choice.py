"""People name a category as they like to type it."""

import pytest

from mailroom.core.categories import DEFAULT_CATEGORIES
from mailroom.core.category_choice import UnknownCategory, choose_category


@pytest.mark.parametrize("text", ["Paper Trail", "paper trail", " PAPER  TRAIL "])
def test_case_and_spaces_do_not_matter(text: str) -> None:
    """No two categories differ in case alone."""
    assert choose_category(text, DEFAULT_CATEGORIES).name == "Paper Trail"


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    """And with the one that was most likely meant."""
    with pytest.raises(UnknownCategory) as refusal:
        choose_category("Fed", DEFAULT_CATEGORIES)
    assert str(refusal.value) == (
        "There is no category 'Fed'. Did you mean 'Feed'? "
        "The categories are: Imbox, Feed, Paper Trail, Jail, Person, Billboard, Truck."
    )
