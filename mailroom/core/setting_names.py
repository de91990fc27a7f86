"""Which settings somebody means who writes other names, such as those of another program, or nested ones. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from mailroom.core.suggestions import nearest

_SYNONYMS: Final = {
    "account": "accounts",
    "carddav": "addressbook addressbooks book books card cards dav webdav",
    "category": "bucket buckets categories",
    "contact": "contacts",
    "debounce": "batch coalesce debouncing throttle",
    "enabled": "active enable",
    "error": "conflict conflicts errors failure",
    "format": "json style",
    "group": "groups",
    "interval": "every frequency intervals period",
    "label": "labels tag tags",
    "level": "severity threshold verbosity",
    "log": "logger logging logs",
    "log level": "loglevel",
    "mailbox": "folder folders mailboxes",
    "name": "names title",
    "never swept": "exclude excluded ignore ignored protected skip",
    "password": "pass passphrase passwd pw pwd",
    "poll": "poller polling polls refresh sync",
    "poll interval": "pollinterval",
    "provenance": "created origin",
    "push": "event events eventsource sse stream streaming websocket",
    "routing": "route routes sieve",
    "screener": "screen screening",
    "second": "sec secs seconds",
    "token": "apikey apitoken bearer key secret tokens",
    "type": "kind",
    "url": "endpoint host hostname session uri urls",
    "username": "email login user",
    "warning": "mismatch warn warnings",
    "web": "bind health healthcheck healthz http listen metrics port",
}
"""Words by what they stand for. Settings are known by the words of their names, and by no list of other programs'."""
_MEANINGS: Final = {word: meaning.split() for meaning, words in _SYNONYMS.items() for word in words.split()}
_VOCABULARY: Final = _MEANINGS.keys() | {word for meaning in _SYNONYMS for word in meaning.split()} | {"file", "id"}
_TYPO: Final = 0.8
_VALUES: Final = {
    word: meaning
    for meaning, words in {
        "auto": "default enabled on true yes",
        "carddav": "dav webdav",
        "critical": "fatal",
        "debug": "trace verbose",
        "error": "err",
        "info": "notice",
        "none": "disabled false never no off",
        "text": "console human plain",
        "warn": "warning",
    }.items()
    for word in words.split()
}

_COMMON_WORDS: Final = (
    "api app config configuration default fastmail group in jmap label mail mailbox mailroom main ms name of option "
    "options second server service setting settings the to triage"
)
COMMON: Final = frozenset(_COMMON_WORDS.split())
"""What tells no setting from another, after synonyms."""
_PLACES: Final = frozenset({"carddav", "web"})
"""Whoever names one of these means nothing of another place."""
_MAX_INNER_KEYS: Final = 30


def meant_settings(name: str, known: Iterable[str], common: Collection[str] = COMMON) -> list[str]:
    """The known names that mean what this one says, the likeliest alone; none if nothing is likely, or too much.

    Blocks stand in front of their keys, divided by dots.
    """
    words = _words(name, common)
    scores = {each: _likeness(words, _words(each, common)) for each in known}
    best = max(scores.values(), default=0.0)
    found = [each for each, score in scores.items() if score == best]
    return found if best > 0.5 and len(found) <= 2 else []  # noqa: PLR2004 - more than half, and one or the other


def meant_value(value: object, choices: Iterable[str]) -> str | None:
    """The choice that a value means which is none of them, if it is likely to mean one."""
    known, word = tuple(choices), str(value).lower()
    meaning = _VALUES.get(word)
    return meaning if meaning in known else nearest(word, known)


def means_exactly(name: str, known: Iterable[str]) -> bool:
    """Whether a name says the same as a known one, in other words or in another order."""
    words = _words(name, COMMON)
    return any(_likeness(words, _words(each, COMMON)) == 1 for each in known)


def inner_keys(block: Mapping[Any, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """The keys within a nested block, each behind the names of its blocks, with their values; not all of very many."""
    return islice(_leaves(block, prefix), _MAX_INNER_KEYS)


def _leaves(block: Mapping[Any, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in block.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{prefix}.{key}")
        else:
            yield f"{prefix}.{key}", value


def _words(name: str, common: Collection[str]) -> frozenset[str]:
    spelled = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    return frozenset(meaning for word in spelled for meaning in _meaning(word.lower()) if meaning not in common)


def _meaning(word: str) -> list[str]:
    if word not in _VOCABULARY and word not in COMMON:
        word = nearest(word, _VOCABULARY, _TYPO) or word
    return _MEANINGS.get(word, [word])


def _likeness(words: frozenset[str], others: frozenset[str]) -> float:
    """From 0 to 1, which is equality (the Sørensen-Dice coefficient)."""
    if not words or not others or words & _PLACES != others & _PLACES:
        return 0.0
    return 2 * len(words & others) / (len(words) + len(others))
