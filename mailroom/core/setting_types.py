"""How each kind of setting may be written, and what it is once read."""

from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, FiniteFloat, GetCoreSchemaHandler, GetPydanticSchema, SecretStr
from pydantic_core.core_schema import CoreSchema, no_info_after_validator_function, plain_serializer_function_ser_schema

from mailroom.core.categories import Categories, Category
from mailroom.core.text_file import expanded


def _username(text: str) -> str:
    if not text or not text.isprintable() or ":" in text:
        raise ValueError("must be one line without a colon (RFC 7617 section 2)")
    return text


def _secret(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value() or not secret.get_secret_value().isprintable():
        raise ValueError("must be one line of printable text")
    return secret


def _no_switch(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic collects ValueErrors
    return value


def _endpoint(text: str) -> str:
    kind, _colon, rest = text.strip().partition(":")
    if kind.lower() in {"", "none"} and not rest:
        return ""
    if not (kind.isalnum() and rest):
        raise ValueError("must be an endpoint")
    return text.strip()


def _path(text: object) -> object:
    if isinstance(text, str) and not text.strip():
        raise ValueError("must be a path")
    return expanded(Path(text)) if isinstance(text, str | Path) else text


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _entry(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


def _entries(value: object) -> object:
    return value.entries if isinstance(value, Categories) else value


def _categories_schema(_source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
    return no_info_after_validator_function(
        Categories,
        handler(tuple[CategoryEntry, ...]),
        serialization=plain_serializer_function_ser_schema(tuple),
    )


JmapUrl: TypeAlias = Annotated[str, AfterValidator(lambda text: discovery_url(text, "/.well-known/jmap"))]
CarddavUrl: TypeAlias = Annotated[str, AfterValidator(lambda text: discovery_url(text, "/.well-known/carddav"))]
Username: TypeAlias = Annotated[str, AfterValidator(_username)]
SecretText: TypeAlias = Annotated[SecretStr, AfterValidator(_secret)]
FilePath: TypeAlias = Annotated[Path, BeforeValidator(_path)]
Number: TypeAlias = Annotated[int | FiniteFloat, BeforeValidator(_no_switch)]
LogFormat: TypeAlias = Annotated[Literal["auto", "text", "json"], BeforeValidator(_lower)]
LogLevel: TypeAlias = Annotated[Literal["debug", "info", "warn", "error", "critical"], BeforeValidator(_lower)]

Endpoint: TypeAlias = Annotated[str, AfterValidator(_endpoint)]
"""A Twisted endpoint string, or nothing for `none`. Only its shape is looked at here: endpoints are plugins, and some
of them read files to be made."""

CategoryEntry: TypeAlias = Annotated[Category, BeforeValidator(_entry)]
"""A category, or just its name."""

CategoryList: TypeAlias = Annotated[Categories, GetPydanticSchema(_categories_schema), BeforeValidator(_entries)]


def discovery_url(text: str, well_known: str) -> str:
    """The URL at which discovery starts.

    A full URL is used as it is. A bare host (with a port or not), or a URL without a path, stands for the well-known
    path of the service (RFC 8615) there, over https unless it says http. Raises ValueError with the remedy, which never
    quotes what may hold a password.
    """
    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        usable = _is_usable(parts) and text.isprintable() and " " not in text
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("must be a host, such as mail.example.com, or a http(s) URL without user name and password")
    return parts._replace(path=well_known).geturl() if parts.path in {"", "/"} else parts.geturl()


def _is_usable(parts: SplitResult) -> bool:
    if {"@", "%"} & set(parts.netloc):  # a password, or a zone (RFC 6874), which no agent of Twisted's can be given
        return False
    return bool(parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0)
