"""When are two names of mailboxes, labels, groups or categories the same?

People see no difference between the forms in which Unicode lets a name be written. Mailbox names travel in NFC (RFC
5198), other programs write what their keyboards give them. So whatever is compared is in NFC.
"""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator


def normalized(name: str) -> str:
    """A name as it is compared."""
    return unicodedata.normalize("NFC", name)


def valid_name(text: str) -> str:
    """A name of the settings: as it is compared, without white space around it.

    Raises ValueError for what nobody can see or type as the name of a mailbox, a label or a contact group.
    """
    name = normalized(text).strip()
    if not name:
        raise ValueError("must not be empty")
    if not name.isprintable():
        raise ValueError("must be one line of printable text")
    return name


Name = Annotated[str, AfterValidator(valid_name)]
"""The name of a category, mailbox, label or contact group, as the settings read it."""

Names = Annotated[tuple[Name, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]
"""Several of them; one may stand for itself."""
