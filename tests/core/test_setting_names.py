"""Names of other programs lead to the settings that mean the same."""

import pytest

from mailroom.core.config import MailroomSettings
from mailroom.core.setting_names import means_exactly, meant_settings, meant_value

SETTINGS = [name for name in MailroomSettings.model_fields if name != "config"]


class TestSettingNames:
    """A name says what it means by its words, whatever their order, spelling and blocks."""

    @pytest.mark.parametrize("setting", SETTINGS)
    def test_each_setting_means_itself(self, setting: str) -> None:
        """No other says the same."""
        assert meant_settings(setting, SETTINGS) == [setting]

    @pytest.mark.parametrize(
        ("name", "setting"),
        [
            ("polling.interval", "poll_interval"),
            ("polling.interval_seconds", "poll_interval"),
            ("pollInterval", "poll_interval"),
            ("poll", "poll_interval"),
            ("polling.debounce", "debounce_seconds"),
            ("logging.level", "log_level"),
            ("loglevel", "log_level"),
            ("logging.format", "log_format"),
            ("label_error", "error_label"),
            ("triage.labels.warning", "warning_label"),
            ("mailboxes.screener", "screener_mailbox"),
            ("mailroom.screener_folder", "screener_mailbox"),
            ("fastmail.api_token", "jmap_token"),
            ("FASTMAIL_TOKEN", "jmap_token"),
            ("jmap.host", "jmap_url"),
            ("jmap.user", "jmap_username"),
            ("carddav.user", "carddav_username"),
            ("addressbook.url", "carddav_url"),
            ("eventsource.enabled", "push"),
            ("health.port", "web"),
            ("buckets", "categories"),
            ("polling.intervall", "poll_interval"),
        ],
    )
    def test_other_words_mean_the_same(self, name: str, setting: str) -> None:
        """Those of blocks count as those of keys."""
        assert meant_settings(name, SETTINGS) == [setting]

    @pytest.mark.parametrize(
        "name", ["colour", "logging.file", "carddav.token", "mailroom", "triage", "labels.feed", ""]
    )
    def test_nothing_is_guessed(self, name: str) -> None:
        """A wrong guess would mislead, and a token for CardDAV is none for JMAP."""
        assert meant_settings(name, SETTINGS) == []

    def test_two_are_both_told(self) -> None:
        """Where either may be meant."""
        assert meant_settings("logging", SETTINGS) == ["log_format", "log_level"]

    def test_part_of_the_meaning_is_not_all_of_it(self) -> None:
        """It is enough for a suggestion, but not to tell whose variable it is."""
        assert not means_exactly("poll", SETTINGS)

    @pytest.mark.parametrize(
        ("value", "choices", "choice"),
        [
            ("warning", ("debug", "info", "warn"), "warn"),
            ("FATAL", ("error", "critical"), "critical"),
            (False, ("auto", "none"), "none"),
            ("dav", ("jmap", "carddav"), "carddav"),
            ("cardav", ("jmap", "carddav"), "carddav"),
            ("warning", ("auto", "none"), None),
            (5, ("auto", "none"), None),
        ],
    )
    def test_other_values_mean_the_same(self, value: object, choices: tuple[str, ...], choice: str | None) -> None:
        """Only what is a choice here."""
        assert meant_value(value, choices) == choice
