import pytest

from mailroom.jmap.errors import MethodError, RateLimited, RequestError, SetError


@pytest.mark.parametrize(
    ("kind", "temporary"),
    [
        ("serverUnavailable", True),
        ("rateLimit", True),
        ("limit", True),
        ("urn:ietf:params:jmap:error:limit", True),
        ("stateMismatch", True),
        ("serverFail", False),
        ("forbidden", False),
    ],
)
def test_temporary_method_errors(kind: str, temporary: bool) -> None:  # noqa: FBT001 - a column of the table
    """Only what RFC 8620 says to try again later is worth trying again."""
    assert MethodError("Email/get", kind).temporary is temporary


def test_temporary_request_errors() -> None:
    """A request that came too often may come later, one that was refused may not."""
    assert RateLimited("slow down", status=429).temporary
    assert not RequestError("no", status=400).temporary


@pytest.mark.parametrize("kind", ["rateLimit", "urn:ietf:params:jmap:error:rateLimit", "serverUnavailable", "limit"])
def test_what_passes_is_said_to_pass(kind: str) -> None:
    """A call or an object that is refused for now is told as that, whatever spelling the server has for it."""
    error = SetError.parse({"type": kind})
    assert (error.is_throttle, MethodError("Email/set", kind).is_throttle) == (True, True)
    assert "passes by itself" in str(error)
    assert "passes by itself" in str(MethodError("Email/set", kind))


def test_a_refusal_for_good_is_no_throttle() -> None:
    """What a person has to put right is not said to pass."""
    error = SetError("overQuota")
    assert (error.is_throttle, str(error)) == (False, "overQuota")


def test_long_descriptions_are_cut() -> None:
    """A server's words are quoted briefly."""
    error = MethodError("Email/get", "serverFail", "x" * 10_000)
    assert len(str(error)) < 300
    assert len(str(SetError.parse({"type": "forbidden", "description": "x" * 10_000}))) < 300


def test_whole_set_error() -> None:
    """What a server says of an object's failure is all there."""
    error = {"type": "alreadyExists", "description": "twice", "properties": ["name"], "existingId": "M1"}
    assert SetError.parse(error) == SetError("alreadyExists", "twice", ("name",), "M1")


@pytest.mark.parametrize("value", [None, {}, [], "no", {"type": None, "description": None, "properties": None}])
def test_bare_set_error(value: object) -> None:
    """A failure without a word of explanation is one all the same."""
    assert SetError.parse(value) == SetError("serverFail")


def test_readable_set_error() -> None:
    """A set error reads as type, properties and description."""
    assert str(SetError("invalidProperties", "bad name", ("name",))) == "invalidProperties name (bad name)"
