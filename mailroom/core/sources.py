"""Where settings come from besides arguments: the YAML file and the environment."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

from mailroom.core.config_errors import ConfigurationError
from mailroom.core.suggestions import nearest

ENV_PREFIX: Final = "MAILROOM_"
DEFAULT_CONFIG_FILE: Final = Path("config.yaml")
_TYPO: Final = 0.85
"""How alike an unknown variable must be to a known one to count as a slip of the pen.

Others are not ours to judge: orchestrators set variables such as MAILROOM_SERVICE_HOST for every process.
"""


class Environment(EnvSettingsSource):
    """`MAILROOM_*`. Lists are written in YAML, of which JSON is a part; empty variables count as not set."""

    def __call__(self) -> dict[str, Any]:
        return super().__call__() | misspelled_variables(os.environ, self.settings_cls.model_fields)

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ARG002
        """The list, or the text as it is where it is none, which is then refused like any other wrong type."""
        try:
            return yaml.safe_load(value)
        except yaml.YAMLError:
            return value


def misspelled_variables(variables: Iterable[str], fields: Iterable[str]) -> dict[str, None]:
    """The names most likely meant for a setting, to be refused as unknown keys. Their values stay out of it."""
    known = {variable_of(field) for field in fields}
    unknown = {name for name in variables if name.upper().startswith(ENV_PREFIX) and name.upper() not in known}
    return {name: None for name in sorted(unknown) if nearest(name, known, _TYPO)}


def variable_of(field: str) -> str:
    """The environment variable of a setting."""
    return f"{ENV_PREFIX}{field.upper()}"


def read_config_file(path: Path | None) -> dict[str, Any]:
    """What the YAML file says: the file named, which must be there, or else the default one, if it is there.

    Raises ConfigurationError for a file that cannot be used.
    """
    file = path or DEFAULT_CONFIG_FILE
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        if path is None:
            return {}
        raise ConfigurationError([f"{file}: there is no such file. Give the path of the YAML file."]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            [f"{file}: cannot be read ({type(error).__name__}). It must be a UTF-8 text that Mailroom may read."]
        ) from error
    settings = _mapping(text, file)
    if "config" in settings:
        raise ConfigurationError([f"{file}: config cannot be set in the file itself. Remove it."])
    return settings


def _mapping(text: str, path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f" near line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigurationError([f"{path}: not YAML{line}. Check indentation, colons and quotes there."]) from None
    except yaml.YAMLError:
        raise ConfigurationError([f"{path}: not YAML. It must be plain text without control characters."]) from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigurationError([f"{path}: must hold one setting a line, such as `poll_interval: 60`."])
    return {str(key): value for key, value in content.items()}
