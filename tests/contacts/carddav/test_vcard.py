"""vCards, read and edited."""

import re
import tracemalloc

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mailroom.contacts.carddav.content_line import Line
from mailroom.contacts.carddav.vcard import MAX_LINES, VCard
from mailroom.contacts.errors import UnreadableCard

NOTE = "Triaged to Feed on 2026-11-23"
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80)
TRIAGE_NOTES = st.sampled_from([NOTE, "Re-triaged to Paper, Trail; Ünï on 2026-11-24"])
UIDS = st.text(st.characters(categories=["L", "N"], include_characters="-:/;,\\"), min_size=1, max_size=20)


def text(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCARD", *lines, "END:VCARD", ""])


def card(*lines: str) -> VCard:
    return VCard.parse(text("VERSION:3.0", "UID:the-uid", "N:;;;;", *lines))


@st.composite
def content_lines(draw: st.DrawFn) -> str:
    """A line that some program may have put on a card, folded anywhere."""
    name = draw(
        st.sampled_from(["X-ABLabel", "item1.X-ABADR", "PHOTO;ENCODING=b", 'TEL;X="a:b;c"', "NOTE", "KEY", "x-y"])
    )
    line = f"{name}:{draw(TEXT)}"
    for at in sorted(draw(st.sets(st.integers(len(name) + 1, len(line)), max_size=3)), reverse=True):
        line = f"{line[:at]}\r\n{draw(st.sampled_from(' 	'))}{line[at:]}"
    return line


@given(st.lists(content_lines()))
def test_card_is_given_back_as_it_is(lines: list[str]) -> None:
    """Reading a card loses nothing of it."""
    original = text("VERSION:3.0", "UID:the-uid", *lines)
    assert str(VCard.parse(original)) == original


@given(st.lists(content_lines()), st.sets(UIDS), st.sets(UIDS))
def test_members_change_and_nothing_else(lines: list[str], there: set[str], joining: set[str]) -> None:
    """After some have joined and left again, a group is the same to the last octet."""
    members = [f"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{_escaped(uid)}" for uid in sorted(there)]
    original = VCard.parse(text("VERSION:3.0", "UID:g", "X-ADDRESSBOOKSERVER-KIND:group", *lines, *members))
    joined = original.joined_by(joining)
    assert VCard.parse(str(joined)).members == there | joining
    assert joined.left_by(joining - there) == original


@given(st.lists(content_lines()), TEXT.map(str.strip).filter(bool))
def test_note_adds_itself_and_nothing_else(lines: list[str], note: str) -> None:
    """A note is a line more of those that are there, or a property more; each line that was there begins as before."""
    original = VCard.parse(text("VERSION:3.0", "UID:the-uid", *lines))
    noted = original.with_note(note)
    assert noted.with_note(note) == noted
    assert [line.text for line in original.lines if line.name != "NOTE"] == [
        line.text for line in noted.lines if line.name != "NOTE"
    ]
    assert any(line.plain_text.endswith(note) for line in noted.lines if line.name == "NOTE")


def test_addresses_are_canonical() -> None:
    """Addresses are read in whichever way they are written; what is none is left out."""
    read = card("EMAIL:ANN@Example.com", "item1.EMAIL;TYPE=pref:mailto:bob@example.com", "email:a\\,b@x", "EMAIL:none")
    assert read.addresses == {"ann@example.com", "bob@example.com", "a,b@x"}


def test_name_has_no_escapes() -> None:
    """A name is read with its escapes undone and its folds closed."""
    assert card("FN:Stone\\, Bob\\; \r\n Jr.\\\\").name == "Stone, Bob; Jr.\\"


@pytest.mark.parametrize("uid", ["UID:the-uid", "UID:urn:uuid:the-uid", "uid;VALUE=uri:URN:UUID:the-uid"])
def test_uid_is_bare(uid: str) -> None:
    """A uid is the same with and without the URN that vCard 4.0 dresses it in."""
    assert VCard.parse(text("VERSION:4.0", uid, "FN:Ann")).uid == "the-uid"


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        ("X-ADDRESSBOOKSERVER-KIND:group", "X-ADDRESSBOOKSERVER-MEMBER"),
        ("x-addressbookserver-kind:group", "x-addressbookserver-member"),
        ("KIND:group", "MEMBER"),
        ("kind;VALUE=text:GROUP", "member"),
    ],
)
def test_groups_of_every_form(kind: str, member: str) -> None:
    """A group of any form is known as one, and grows in its own form."""
    group = card(kind, f"{member}:urn:uuid:ann")
    assert group.is_group
    assert str(group.joined_by(["bob", "ann"])).endswith(
        f"{member}:urn:uuid:ann\r\n{member}:urn:uuid:bob\r\nEND:VCARD\r\n"
    )
    assert group.left_by(["ann"]) == card(kind)


def test_individual_is_no_group() -> None:
    """A card of any other kind is not a group, and nobody can join it."""
    person = card("KIND:individual", "X-ADDRESSBOOKSERVER-KIND:org")
    assert not person.is_group
    with pytest.raises(UnreadableCard, match="not a group"):
        person.joined_by(["ann"])


def test_note_grows_at_its_end() -> None:
    """A note goes on after what is there, folded, so that the lines before stay as they are."""
    noted = card("NOTE:Met in Rome\\, twice\r\n  and once", "TEL:1").with_note("a, b; c\\d")
    assert "NOTE:Met in Rome\\, twice\r\n  and once\r\n \\na\\, b\\; c\\\\d\r\nTEL:1\r\n" in str(noted)


@pytest.mark.parametrize("note", ["NOTE;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg", "NOTE:a half escape\\"])
def test_note_that_cannot_grow(note: str) -> None:
    """Beside a note that nothing can be added to, a note of our own is put."""
    assert f"{note}\r\nNOTE:{NOTE}\r\nEND:VCARD\r\n" in str(card(note).with_note(NOTE))


@given(st.lists(content_lines()), st.lists(TRIAGE_NOTES, min_size=1, max_size=3))
def test_stripping_undoes_noting(lines: list[str], notes: list[str]) -> None:
    """A card that was given notes of Mailroom's is, without them, the same as before to the last octet."""
    original = VCard.parse(text("VERSION:3.0", "UID:the-uid", *lines))
    assume(all(line.value for line in original.lines if line.name == "NOTE"))
    noted = original
    for note in notes:
        noted = noted.with_note(note)
    assert noted.without_triage_notes() == original.without_triage_notes()
    assert str(original.without_triage_notes()) == str(original)


@pytest.mark.parametrize(
    ("written", "left"),
    [
        (f"NOTE:{NOTE}", None),
        (
            f"item1.NOTE;LANGUAGE=en:{NOTE}\\nMet in\r\n  Rome\\, twice\\N",
            "item1.NOTE;LANGUAGE=en:Met in\r\n  Rome\\, twice\\N",
        ),
        (f"NOTE:One\r\n \\n{NOTE}\\\r\n nTwo", "NOTE:One\\\r\n nTwo"),
        (f"NOTE:{NOTE[:9]}\r\n {NOTE[9:]}\\n{NOTE}", None),
        (f"NOTE:One\\\\n{NOTE}", f"NOTE:One\\\\n{NOTE}"),
        (f"NOTE:{NOTE}\\n", "NOTE:"),
        (f"X-NOTE:{NOTE}", f"X-NOTE:{NOTE}"),
        (f"NOTE;ENCODING=QUOTED-PRINTABLE:{NOTE}", f"NOTE;ENCODING=QUOTED-PRINTABLE:{NOTE}"),
    ],
)
def test_notes_lose_lines_of_mailrooms(written: str, left: str | None) -> None:
    """Only whole lines that are Mailroom's go, with one line end each; folds and escapes of the rest stay."""
    expected = card("TEL:1", *([] if left is None else [left]))
    assert card("TEL:1", written).without_triage_notes() == expected


def test_line_feeds_alone_are_read_too() -> None:
    """XML turns each CRLF into a line feed; written, a card has CRLF again."""
    written = text("VERSION:3.0", "UID:u", "NOTE:a\r\n b")
    assert str(VCard.parse(written.replace("\r\n", "\n"))) == written


@pytest.mark.parametrize(
    "unreadable",
    [
        "",
        "hello",
        "BEGIN:VCARD\r\nUID:u",
        text("FN:Nobody"),
        text("UID:u") + text("UID:v"),
        text("UID:u", "BEGIN:VCARD", "UID:v", "END:VCARD"),
        text("UID:u").replace("VCARD", "VCALENDAR"),
    ],
)
def test_unreadable_cards_are_refused(unreadable: str) -> None:
    """What is not exactly one card with a uid is refused."""
    with pytest.raises(UnreadableCard):
        VCard.parse(unreadable)


def test_line_made_to_take_for_ever() -> None:
    """A line on which a loose grammar would try all of 2^4000 ways is no content line, and found to be none at once."""
    assert VCard.parse(text("UID:u", "N;A" + "=a" * 4000)).uid == "u"


@pytest.mark.parametrize(
    "odd",
    [
        "no colon",
        'TEL;X="never closed:1',
        "X-messaging/xmpp-All:x",
        "X-GOOGLE TALK;TYPE=WORK:x",
        "X-Straße:x",
        "AGENT:BEGIN:VCARD\r\nUID:v\r\nEMAIL:eve@example.com\r\nEND:VCARD",
        "AGENT:\r\nBEGIN:VCARD\r\nUID:v\r\nEMAIL:eve@example.com\r\nEND:VCARD",
    ],
)
def test_lines_that_are_no_content_lines_are_kept_and_not_read(odd: str) -> None:
    """The card is a card all the same, whoever wrote into it, and an edit leaves them where they are."""
    written = text("VERSION:3.0", "UID:u", odd, "EMAIL:ann@example.com")
    card = VCard.parse(written)
    assert (card.uid, card.addresses) == ("u", frozenset({"ann@example.com"}))
    assert str(card.with_note("Hello")) == written.removesuffix("END:VCARD\r\n") + "NOTE:Hello\r\nEND:VCARD\r\n"


def _escaped(uid: str) -> str:
    return re.sub(r"([\\,;])", r"\\\1", uid)


@pytest.mark.parametrize("lines", ["\n", "A:b\n", "NOTE:\\n\n"])
def test_a_card_of_more_lines_than_anybody_has_is_unreadable(lines: str) -> None:
    """Each line takes time, whether the card has it or a value: one card must not take seconds."""
    with pytest.raises(UnreadableCard):
        card(lines * (MAX_LINES + 1))


def test_the_lines_of_a_picture_are_one() -> None:
    """What is folded is one line, of whatever length, and no such bound is on it."""
    assert card("PHOTO;ENCODING=b:" + "A\n " * (MAX_LINES + 1)).uid == "the-uid"


def test_parameters_without_an_end() -> None:
    """A line that looks like parameters for a million characters is kept unread, and takes little more than itself."""
    odd = "TEL;" + 'x"a"' * 250_000
    tracemalloc.start()
    try:
        read = Line.parse(odd)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (read.name, read.text) == ("", odd)
    assert peak < 5 * len(odd)
