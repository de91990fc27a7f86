"""The vCards that Mailroom creates, composed by vobject. No I/O."""

import vobject

from mailroom.contacts.book import NewContact
from mailroom.contacts.names import display_name, fingerprint, split_name


def new_card(contact: NewContact, note: str = "") -> str:
    """A vCard 3.0, which servers convert for nobody; with N, even an empty one, which 3.0 demands (RFC 2426).

    The seal of the name is a property that no contacts app shows.
    """
    card = vobject.vCard()
    name = display_name(contact.name)
    is_person = contact.contact_type == "person"
    given, surname = split_name(name) if is_person else ("", "")
    card.add("uid").value = contact.uid
    card.add("fn").value = name or contact.address
    card.add("n").value = vobject.vcard.Name(family=surname, given=given)
    email = card.add("email")
    email.value = contact.address
    email.type_param = "INTERNET"
    card.add("x-mailroom-seal").value = fingerprint(name or contact.address)
    if not is_person:
        card.add("org").value = [name or contact.address]
        card.add("x-abshowas").value = "COMPANY"
    if note:
        card.add("note").value = note
    return str(card.serialize())


def new_group(uid: str, name: str) -> str:
    """A vCard 3.0 of a group with nobody in it, in Apple's form: the one that every server keeps as it is."""
    card = vobject.vCard()
    card.add("uid").value = uid
    card.add("fn").value = name
    card.add("n").value = vobject.vcard.Name(family=name)
    card.add("x-addressbookserver-kind").value = "group"
    return str(card.serialize())
