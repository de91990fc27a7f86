"""The settings: what people wrote in, values that hold together out, or else every error at once."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, ModelWrapValidatorHandler, SecretStr, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from mailroom.core.categories import DEFAULT_CATEGORIES
from mailroom.core.category_rules import Use, category_problems, mailbox_uses
from mailroom.core.config_errors import ConfigurationError, explain, without
from mailroom.core.credentials import (
    SECRETS,
    BasicLogin,
    BearerToken,
    Credentials,
    CredentialsError,
    Secret,
    credential_problems,
    exposed_origin,
)
from mailroom.core.names import Name, Names
from mailroom.core.redaction import Redaction
from mailroom.core.setting_types import (
    CarddavUrl,
    CategoryList,
    Endpoint,
    FilePath,
    JmapUrl,
    LogFormat,
    LogLevel,
    Number,
    SecretText,
    Username,
)
from mailroom.core.sources import ENV_PREFIX, Environment, read_config_file, variables_of_others

FASTMAIL: Final = "https://api.fastmail.com/jmap/session"
_MISSING: Final = {
    "jmap_token": (
        "jmap_token: no credentials are set. Give an API token as MAILROOM_JMAP_TOKEN, jmap_token or jmap_token_file, "
        "or else jmap_username and jmap_password."
    ),
    "carddav_password": (
        "carddav_password: no credentials are set for CardDAV, where a token will not do. "
        "Give carddav_username and carddav_password."
    ),
}


class MailroomSettings(BaseSettings):
    """Everything that can be set, by flat names.

    Strongest first: arguments, `MAILROOM_*` environment variables, the YAML file (`config`, else `config.yaml` in the
    working directory if there is one), defaults. Raises ValidationError with every problem at once, and
    ConfigurationError for a file that cannot be read; `load_settings` raises the latter alone.

    With nothing set there are no credentials: fine to look at the defaults, not to start a service; see
    `require_credentials`.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    config: FilePath | None = Field(default=None, description="the path of a YAML file")

    jmap_url: JmapUrl = Field(default=FASTMAIL, description="a host, or a http(s) URL without user name and password")
    jmap_token: SecretText | None = Field(default=None, description="an API token, on one line")
    jmap_token_file: FilePath | None = Field(default=None, description="the path of a file that holds the API token")
    jmap_username: Username | None = Field(default=None, description="a user name, on one line and without a colon")
    jmap_password: SecretText | None = Field(default=None, description="a password, on one line")
    jmap_password_file: FilePath | None = Field(default=None, description="the path of a file that holds the password")
    account_id: Name | None = Field(default=None, description="the id of a JMAP account, as text")
    allow_insecure_http: bool = Field(default=False, description="true or false")

    contacts: Literal["auto", "jmap", "carddav"] = Field(default="auto", description="auto, jmap or carddav")
    carddav_url: CarddavUrl | None = Field(
        default=None, description="a host, or a http(s) URL without user name and password"
    )
    carddav_username: Username | None = Field(default=None, description="a user name, on one line and without a colon")
    carddav_password: SecretText | None = Field(default=None, description="a password, on one line")
    carddav_password_file: FilePath | None = Field(
        default=None, description="the path of a file that holds the password"
    )

    poll_interval: Annotated[Number, Field(ge=1, le=86400)] = Field(default=60, description="seconds, from 1 to 86400")
    push: Literal["auto", "none"] = Field(default="auto", description="auto or none")
    debounce_seconds: Annotated[Number, Field(ge=0, le=3600)] = Field(default=3, description="seconds, from 0 to 3600")

    screener_mailbox: Name = Field(default="Screener", description="the name of a mailbox, as one line of text")
    categories: CategoryList = Field(default=DEFAULT_CATEGORIES, description="a list of categories")
    error_label: Name = Field(default="@MailroomError", description="the name of a label, as one line of text")
    warning_label: Name = Field(default="@MailroomWarning", description="the name of a label, as one line of text")
    warnings_enabled: bool = Field(default=True, description="true or false")
    never_swept: Names = Field(default=(), description="a list of names of mailboxes")
    provenance_group: Name = Field(default="Mailroom", description="the name of a contact group, as one line of text")

    routing: Literal["auto", "groups", "addresses", "none"] = Field(
        default="auto", description="auto, groups, addresses or none"
    )

    web: Endpoint = Field(
        default="tcp:8080:interface=127.0.0.1",
        description="a Twisted endpoint, such as tcp:8080:interface=127.0.0.1, or none",
    )
    log_format: LogFormat = Field(default="auto", description="auto, text or json")
    log_level: LogLevel = Field(default="info", description="debug, info, warn, error or critical")

    def jmap_credentials(self) -> Credentials | None:
        """What authorizes at the JMAP server, if anything is set."""
        token = self._secret("jmap_token")
        return BearerToken(token) if token else self._login("jmap")

    def carddav_credentials(self) -> Credentials | None:
        """What authorizes at the CardDAV server: its own login, or else the one for JMAP, but never a token."""
        return self._login("carddav") or self._login("jmap")

    def mailbox_uses(self) -> tuple[Use, ...]:
        """What every mailbox that the settings name is for; the Inbox is among them."""
        return tuple(mailbox_uses(self.categories, self.mailboxes(), self.never_swept))

    def mailboxes(self) -> Mapping[str, str]:
        """The mailboxes that settings of their own name, by setting."""
        return {name: getattr(self, name) for name in ("screener_mailbox", "error_label", "warning_label")}

    def require_credentials(self) -> Credentials:
        """What authorizes at the JMAP server; ConfigurationError if a service could not log in with these settings.

        Files with secrets are read, and forgotten: one that is missing now is most likely misspelled.
        """
        credentials = self.jmap_credentials()
        problems = [_credentials_problem("jmap_token", credentials)]
        if self.contacts == "carddav":
            problems.append(_credentials_problem("carddav_password", self.carddav_credentials()))
        if credentials is None or any(problems):
            raise ConfigurationError(filter(None, problems))
        return credentials

    def _login(self, service: str) -> BasicLogin | None:
        username: str | None = getattr(self, f"{service}_username")
        password = self._secret(f"{service}_password")
        return BasicLogin(username, password) if username and password else None

    def _secret(self, setting: str) -> Secret | None:
        sources = ((name, getattr(self, name)) for name in (setting, f"{setting}_file"))
        return next((Secret(name, source) for name, source in sources if source is not None), None)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_others: PydanticBaseSettingsSource,
        **_more: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        environment = Environment(settings_cls)
        named = init_settings().get("config") or environment().get("config")
        content = read_config_file(Path(named) if named else None)
        return init_settings, environment, InitSettingsSource(settings_cls, content)

    @model_validator(mode="wrap")
    @classmethod
    def _every_problem_at_once(cls, data: dict[str, Any], handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Note what pydantic refuses, take it out until the rest holds, and look at the rest as a whole.

        One wrong value keeps pydantic from building anything, and so from finding what contradicts what.
        """
        problems: list[str] = []
        settings: Self | None = None
        remaining = data
        while settings is None:
            try:
                settings = handler(remaining)
            except ValidationError as refusal:
                problems = problems or explain(refusal, cls.model_fields)
                remaining = without(remaining, refusal.errors()[0]["loc"])
        problems += _contradictions(settings, data)
        if problems:
            raise _refusal(map(_without_secrets(data).text, problems))
        return settings


def load_settings(config_file: Path | None = None, **overrides: Any) -> MailroomSettings:
    """The settings, or ConfigurationError, whose text is ready to be shown to whoever started Mailroom."""
    if config_file is not None:
        overrides["config"] = config_file
    try:
        return MailroomSettings(**overrides)
    except ValidationError as refusal:
        problems = [error["msg"] for error in refusal.errors()]
    raise ConfigurationError(problems)


def _contradictions(settings: MailroomSettings, data: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with settings that each are right."""
    given = {name for name, value in data.items() if value is not None}
    yield from credential_problems(given)
    yield from _exposures(settings)
    if settings.contacts == "carddav" and "carddav_url" not in given:
        yield "carddav_url: missing, though contacts is carddav. Add the server's URL, or set contacts to auto."
    if settings.categories or not data.get("categories"):  # Else none was readable, and that has been said.
        groups = {"provenance_group": settings.provenance_group}
        yield from category_problems(settings.categories, settings.mailboxes(), groups, settings.never_swept)


def _exposures(settings: MailroomSettings) -> Iterator[str]:
    """Which URLs would show the credentials to everybody on the way."""
    for setting in () if settings.allow_insecure_http else ("jmap_url", "carddav_url"):
        exposed = exposed_origin(getattr(settings, setting) or "")
        if exposed is not None:
            yield (
                f"{setting}: over {exposed} everybody on the way could read the mail and the login. Use https, or set "
                "allow_insecure_http to true."
            )


def _without_secrets(data: Mapping[str, Any]) -> Redaction:
    """What keeps secrets out of problems: one that was pasted into another setting would be quoted as its value."""
    redaction = Redaction()
    for setting in SECRETS:
        value = data.get(setting)
        secret = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(secret, str) and secret:
            redaction.presented(f"Bearer {secret}")
    return redaction


def _refusal(problems: Iterable[str]) -> ValidationError:
    return ValidationError.from_exception_data(
        MailroomSettings.__name__,
        [InitErrorDetails(type=PydanticCustomError("setting", problem), input=None) for problem in problems],
    )


def _credentials_problem(setting: str, credentials: Credentials | None) -> str | None:
    if credentials is None:
        return "".join([_MISSING[setting], *variables_of_others(os.environ, MailroomSettings.model_fields)])
    try:
        credentials.authorization()
    except CredentialsError as error:
        return str(error)
    return None
