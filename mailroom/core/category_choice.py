"""Which category a person means."""

from mailroom.core.categories import Categories, Category
from mailroom.core.errors import MailroomError
from mailroom.core.suggestions import did_you_mean


class UnknownCategory(MailroomError):
    """The settings have no category of this name."""


def choose_category(name: str, categories: Categories) -> Category:
    """The category of this name, in any case; `UnknownCategory`, which lists those there are, if there is none."""
    wanted = " ".join(name.split()).casefold()
    chosen = next((category for category in categories if category.name.casefold() == wanted), None)
    if chosen is None:
        names = [category.name for category in categories]
        raise UnknownCategory(
            f"There is no category '{name[:100]}'.{did_you_mean(name, names)} The categories are: {', '.join(names)}."
        )
    return chosen
