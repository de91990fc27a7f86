"""Settings for a service that runs against a sandbox."""

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from mailroom.core.config import MailroomSettings


class SandboxSettings(MailroomSettings):
    """Settings from arguments alone: no environment and no file can lead the service to a real account."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic's name
        init_settings: PydanticBaseSettingsSource,
        *_others: PydanticBaseSettingsSource,
        **_more: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)
