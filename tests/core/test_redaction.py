"""A secret never comes back, in whatever spelling."""

import html
import json
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.core.errors import MailroomError
from mailroom.core.printable import MAX_QUOTED
from mailroom.core.redaction import MAX_REMEMBERED, REDACTED, Redaction

TOKEN = "fmu1-0a1B2c3D/4e+5f=6g&7h"
ODD = 'pä<ss> "w\'örd" & \U0001f511 €'
QUOTES = dict.fromkeys(map(ord, "\"'\\"))
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "URL": lambda text: quote(text, safe=""),
    "URL, in lower case": lambda text: quote(text, safe="").lower(),
    "URL, some characters": quote,
    "URL, twice": lambda text: quote(quote(text, safe=""), safe=""),
    "form": quote_plus,
    "JSON": json.dumps,
    "JSON, with slashes escaped": lambda text: json.dumps(text).replace("/", "\\/"),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "JSON, every character": lambda text: "".join(f"\\u{unit:04X}" for unit in utf_16(text)),
    "HTML": html.escape,
    "HTML in HTML": lambda text: html.escape(html.escape(text)),
    "XML, every character": lambda text: "".join(f"&#{ord(each)};" for each in text),
    "XML, every character by its hexadecimal number": lambda text: "".join(f"&#x{ord(each):04X};" for each in text),
    "XML, apostrophes": lambda text: html.escape(text).replace("&#x27;", "&apos;"),
    "Python": ascii,
    "UTF-8 read as Latin-1": lambda text: text.encode().decode("latin-1"),
    "the same, escaped": lambda text: ascii(text.encode().decode("latin-1")),
    "capitals": str.upper,
    "base64 for URLs": lambda text: text.replace("+", "-").replace("/", "_"),
}


def utf_16(text: str) -> list[int]:
    octets = text.encode("utf-16-be")
    return [int.from_bytes(octets[at : at + 2]) for at in range(0, len(octets), 2)]


def bearer(token: str) -> Redaction:
    redaction = Redaction()
    redaction.presented(f"Bearer {token}")
    return redaction


def basic(username: str, password: str) -> tuple[Redaction, str]:
    """What a login leaves behind, and the base64 of it."""
    encoded = b64encode(f"{username}:{password}".encode()).decode()
    redaction = Redaction()
    redaction.presented(f"Basic {encoded}")
    return redaction, encoded


class TestSpellings:
    """However a server writes a secret, it is found."""

    @pytest.mark.parametrize("secret", [TOKEN, ODD])
    @pytest.mark.parametrize("spelling", SPELLINGS)
    def test_every_spelling_is_found(self, spelling: str, secret: str) -> None:
        """The text around it stays."""
        shown = bearer(secret).text(f"He said: {SPELLINGS[spelling](secret)}. Sorry.")
        assert shown.translate(QUOTES) == f"He said: {REDACTED}. Sorry."

    @given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=8, max_size=80), st.data())
    def test_any_mixture_of_them_is_found(self, secret: str, data: st.DataObject) -> None:
        """Each character may be written in a way of its own."""
        ways: list[Callable[[str], str]] = [quote, lambda each: json.dumps(each)[1:-1], lambda each: f"&#{ord(each)};"]
        spelled = "".join(data.draw(st.sampled_from(ways))(each) for each in secret)
        assert bearer(secret).text(f"({spelled})") == f"({REDACTED})"

    def test_a_login_is_found_as_a_password_and_as_base64(self) -> None:
        """With padding or without, and as what the base64 stands for."""
        redaction, encoded = basic("ann@example.com", "open-sesame")
        told = f"Basic {encoded} is {encoded.rstrip('=')} or open-sesame"
        shown = redaction.text(told)
        assert shown.replace("=", "") == (f"Basic {REDACTED} is {REDACTED} or {REDACTED}")

    def test_the_user_name_is_no_secret(self) -> None:
        """People need to see who they are."""
        redaction, _encoded = basic("ann@example.com", "open-sesame")
        told = f"ann@example.com may not, nor may {b64encode(b'ann@example.com').decode()}"
        assert redaction.text(told) == told


class TestLengths:
    """A short secret must not make every text unreadable."""

    def test_a_long_one_that_was_cut_is_found(self) -> None:
        """From its twelfth character on."""
        redaction = bearer(TOKEN)
        for length in range(12, len(TOKEN)):
            assert redaction.text(f"token={TOKEN[:length]}...") == f"token={REDACTED}..."
        assert redaction.text(TOKEN[:11]) == TOKEN[:11]

    def test_one_of_eight_characters_is_found_inside_of_words(self) -> None:
        """As servers glue things together."""
        assert bearer("8letters").text("x8lettersy") == f"x{REDACTED}y"

    def test_a_word_is_found_as_a_word(self) -> None:
        """Also behind an escaped character, and never inside of another word."""
        shown = bearer("mail").text("mail, (mail), q=%3Dmail, but mailbox, jmap_mail and email")
        assert shown == f"{REDACTED}, ({REDACTED}), q=%3D{REDACTED}, but mailbox, jmap_mail and email"

    def test_three_letters_are_found_with_what_they_were_sent_with(self) -> None:
        """By themselves they may stand for anything."""
        assert bearer("abc").text("abc, Bearer abc") == f"abc, {REDACTED}"
        redaction, encoded = basic("ann", "abc")
        assert redaction.text(f"abc, ann:abc, {encoded.rstrip('=')}") == f"abc, {REDACTED}, {REDACTED}"

    def test_thousands_of_characters_are_one_secret(self) -> None:
        """As signed tokens are long."""
        token = "eyJhbGciOiJSUzI1NiJ9." * 200
        assert bearer(token).text(f"<{token}>") == f"<{REDACTED}>"


class TestMemory:
    """What was presented is remembered, and not for ever."""

    def test_a_secret_that_was_replaced_stays_hidden(self) -> None:
        """A server may repeat it later."""
        redaction = bearer("the-old-one")
        redaction.presented("Bearer the-new-one")
        assert redaction.text("the-old-one, the-new-one") == f"{REDACTED}, {REDACTED}"

    def test_it_is_bounded_and_keeps_what_is_in_use(self) -> None:
        """However often a secret is replaced, the other one is not forgotten."""
        redaction = bearer("the-first-one")
        for number in range(100):
            redaction.presented(f"Bearer replaced-{number:02}")
            redaction.presented("Basic YW5uOm9wZW4tc2VzYW1l")
        shown = redaction.text("the-first-one, open-sesame, replaced-99")
        assert shown == f"the-first-one, {REDACTED}, {REDACTED}"
        assert len(redaction._presented) == MAX_REMEMBERED

    def test_nothing_is_secret_before_it_was_presented(self) -> None:
        """And one account knows nothing of another's."""
        bearer(TOKEN)
        assert Redaction().text(TOKEN) == TOKEN


class TestTexts:
    """What else is told than a text."""

    def test_a_json_value_keeps_its_shape(self) -> None:
        """Texts and names are looked at, in whatever they are."""
        value = {"a": [f"x {TOKEN}", 1, None, True], f"Bearer {TOKEN}": {"b": 1.5}}
        assert bearer(TOKEN).value(value) == {"a": [f"x {REDACTED}", 1, None, True], f"Bearer {REDACTED}": {"b": 1.5}}

    @pytest.mark.parametrize("before", range(MAX_QUOTED - len(TOKEN), MAX_QUOTED + 1))
    @pytest.mark.parametrize("secret", [TOKEN, "open-sesame"])
    def test_a_quotation_is_cut_afterwards(self, secret: str, before: int) -> None:
        """Where it is cut in the middle of a secret, no half of it stays."""
        body = f"{'x' * (before - 1)} {secret} and so on"
        shown = bearer(secret).quotation(body.encode())
        assert shown == f"{'x' * (before - 1)} {REDACTED} and so on"[:MAX_QUOTED]

    def test_an_error_is_cleaned_with_what_it_comes_of(self) -> None:
        """A traceback shows them all."""
        with pytest.raises(MailroomError) as caught, bearer(TOKEN).errors():
            raise MailroomError(f"The server said {TOKEN}.") from ValueError(f"no {TOKEN}", f"line {TOKEN}".encode())
        assert str(caught.value) == f"The server said {REDACTED}."
        assert caught.value.__cause__ is not None
        assert caught.value.__cause__.args == (f"no {REDACTED}", f"line {REDACTED}".encode())

    @pytest.mark.parametrize("text", ["\\" * 16384, "%25" * 5000, "&" + "amp;" * 4000, "0" * 16384, " " * 16384])
    def test_no_text_takes_long(self, text: str) -> None:
        """As measured by what is done: a search that went back again and again would not end here."""
        assert bearer("\\\\  %%&& \\\\ 00").text(text) == text
