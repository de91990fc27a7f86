"""Where settings come from besides arguments: the YAML file and the environment."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

from mailroom.core.config_errors import ConfigurationError, UnknownVariable
from mailroom.core.setting_names import means_exactly, meant_settings
from mailroom.core.strict_yaml import NotYaml, RefusedYaml, load_yaml
from mailroom.core.suggestions import nearest
from mailroom.core.text_file import MissingFile, UnreadableFile, expanded, read_text

ENV_PREFIX: Final = "MAILROOM_"
DEFAULT_CONFIG_FILE: Final = Path("config.yaml")
_TYPO: Final = 0.85
"""How alike an unknown variable must be to a known one to count as a slip of the pen.

Others are not ours to judge: orchestrators set variables such as MAILROOM_SERVICE_HOST for every process.
"""
_ORCHESTRATORS: Final = frozenset({"addr", "env", "host", "port", "proto", "service", "tcp", "udp"})
"""Words of such variables, which mean no setting."""
_MAIL_SERVERS: Final = ("FASTMAIL_", "JMAP_")


class Environment(EnvSettingsSource):
    """`MAILROOM_*`. Lists are written in YAML, of which JSON is a part; empty variables count as not set."""

    def __call__(self) -> dict[str, Any]:
        given = anchored(super().__call__(), Path.cwd())
        fields = self.settings_cls.model_fields
        misspelled = misspelled_variables(os.environ, fields)
        return given | {name: UnknownVariable(_meant(name, fields)) for name in misspelled}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ARG002
        """The list, or the text as it is where it is none, which is then refused like any other wrong type."""
        try:
            return load_yaml(value)
        except NotYaml:
            return value
        except RefusedYaml as error:
            raise ConfigurationError(f"{variable_of(field_name)}: {problem}" for problem in error.problems) from None


def misspelled_variables(variables: Iterable[str], fields: Iterable[str]) -> dict[str, None]:
    """The names most likely meant for a setting, to be refused as unknown keys. Their values stay out of it."""
    known = tuple(fields)
    unknown = {name for name in variables if name.upper().startswith(ENV_PREFIX) and _field(name) not in known}
    return {name: None for name in sorted(unknown) if _meant(name, known)}


def _meant(variable: str, fields: Iterable[str]) -> tuple[str, ...]:
    """The variables that an unknown one means: as a slip of the pen, or by other words that say the same."""
    known, field = tuple(fields), _field(variable)
    if slip := nearest(variable, map(variable_of, known), _TYPO):
        return (slip,)
    if _ORCHESTRATORS.intersection(field.split("_")) or not means_exactly(field, known):
        return ()
    return tuple(map(variable_of, meant_settings(field, known)))


def variables_of_others(variables: Iterable[str], fields: Iterable[str]) -> Iterator[str]:
    """What to say of variables without our prefix that name a login for the mail server, such as FASTMAIL_TOKEN.

    Other programs may well go by them, so they are worth a word only where a login is missing.
    """
    known = tuple(fields)
    for variable in sorted(variables):
        if variable.upper().startswith(_MAIL_SERVERS) and means_exactly(variable, known):
            (meant, *_others) = meant_settings(variable, known)
            yield f" {variable} is set, but not read: name it {variable_of(meant)}."


def _field(variable: str) -> str:
    return variable.lower().removeprefix(ENV_PREFIX.lower())


def variable_of(field: str) -> str:
    """The environment variable of a setting."""
    return f"{ENV_PREFIX}{field.upper()}"


def read_config_file(path: Path | None) -> dict[str, Any]:
    """What the YAML file says: the file named, which must be there, or else the default one, if it is there.

    Raises ConfigurationError for a file that cannot be used.
    """
    file = path or DEFAULT_CONFIG_FILE
    try:
        content = load_yaml(read_text(file))
    except MissingFile as error:
        if path is None:
            return {}
        raise ConfigurationError([f"{file}: there is no such file. Give the path of the YAML file."]) from error
    except UnreadableFile as error:
        raise ConfigurationError([f"{file}: cannot be read {error}"]) from error
    except NotYaml as error:
        raise ConfigurationError([f"{file}: {error}"]) from None
    except RefusedYaml as error:
        raise ConfigurationError(f"{file}: {problem}" for problem in error.problems) from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigurationError([f"{file}: must hold one setting a line, such as `poll_interval: 60`."])
    if "config" in content:
        raise ConfigurationError([f"{file}: config cannot be set in the file itself. Remove it."])
    return anchored({str(key): value for key, value in content.items()}, expanded(file).absolute().parent)


def anchored(given: Mapping[str, Any], directory: Path) -> dict[str, Any]:
    """Settings whose relative paths start at a directory, and go on to, wherever the process works later.

    twistd leaves for its `--rundir` once the settings are read, and files with secrets are read again and again.
    """
    return {
        name: f"{directory / value}" if name.endswith("_file") and _is_relative(value) else value
        for name, value in given.items()
    }


def _is_relative(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not value.startswith("~")
