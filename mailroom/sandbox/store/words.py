"""What a text index makes of mails and cards: sets of words.

A search finds candidates, no more: it splits addresses at every punctuation mark, knows nothing of word order, and
takes some characters for patterns.
"""

import re
from collections.abc import Callable, Iterable
from fnmatch import translate
from typing import Final

from mailroom.sandbox.store.message import Address, Message

_WORD: Final = re.compile(r"\w+")
_WORD_OR_STAR: Final = re.compile(r"[\w*]+")

TextTest = Callable[[frozenset[str]], bool]
"""Whether an indexed text has what was searched for."""


def words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def index_addresses(lists: Iterable[Iterable[Address]]) -> frozenset[str]:
    """The words of names and addresses, and each whole address, which a search with an @ compares."""
    found: set[str] = set()
    for person in (person for people in lists for person in people):
        email = (person["email"] or "").casefold()
        found |= words(person["name"] or "") | words(email) | {email}
    return frozenset(found)


def index_message(message: Message) -> dict[str, frozenset[str]]:
    """The index entry of a mail, by the name of the filter that searches it."""
    senders = index_addresses(message.address_lists("from"))
    subject = words(message.last_text("subject") or "")
    recipients = [index_addresses(message.address_lists(name)) for name in ("to", "cc", "bcc")]
    return {"from": senders, "subject": subject, "text": senders.union(subject, *recipients, words(message.preview))}


def text_test(sought: str) -> TextTest:
    """The test for a text filter, as a Cyrus with its index answers it.

    White space means "and". A term with an @ is compared with whole addresses, any other one by its words; `*` stands
    for anything. A quoted phrase and a term with two @ find nothing.
    """
    if '"' in sought or any(term.count("@") > 1 for term in sought.split()):
        return lambda _indexed: False
    tests = [_address_test(term) if "@" in term else _words_test(term) for term in sought.casefold().split()]
    return tests[0] if len(tests) == 1 else lambda indexed: all(test(indexed) for test in tests)


def _address_test(term: str) -> TextTest:
    address = term.strip("<>")
    if address.startswith("@"):
        address = f"*{address}"
    if "*" not in address:
        return lambda indexed: address in indexed
    return _pattern_test(address, lambda entry: "@" in entry)


def _words_test(term: str) -> TextTest:
    found = _WORD_OR_STAR.findall(term)
    plain = frozenset(word for word in found if "*" not in word)
    patterns = [_pattern_test(word, lambda entry: "@" not in entry) for word in found if "*" in word]
    return lambda indexed: plain <= indexed and all(test(indexed) for test in patterns)


def _pattern_test(pattern: str, concerns: Callable[[str], bool]) -> TextTest:
    matches = re.compile(translate(pattern.replace("[", "[[]").replace("?", "[?]"))).match
    return lambda indexed: any(concerns(entry) and matches(entry) for entry in indexed)
