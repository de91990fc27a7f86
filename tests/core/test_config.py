"""Settings come from four places, hold together, and are refused with every reason at once."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mailroom.core.categories import DEFAULT_CATEGORIES, Category
from mailroom.core.config import MailroomSettings, load_settings
from mailroom.core.config_errors import ConfigurationError

pytestmark = pytest.mark.usefixtures("bare")


def problems(**settings: Any) -> list[str]:
    """What these settings are refused for."""
    with pytest.raises(ConfigurationError) as refusal:
        load_settings(**settings)
    return list(refusal.value.problems)


def problem(**settings: Any) -> str:
    """The one thing that these settings are refused for."""
    (only,) = problems(**settings)
    return only


def test_the_defaults_are_what_most_people_want() -> None:
    """Whole numbers of seconds stay whole, as they are shown to people."""
    settings = MailroomSettings()
    assert f"{settings.debounce_seconds} {settings.poll_interval}" == "3 60"


def test_the_default_account_is_at_fastmail() -> None:
    """Its session URL is known, which saves a redirect or two."""
    assert MailroomSettings().jmap_url == "https://api.fastmail.com/jmap/session"


def test_the_default_categories_are_there() -> None:
    """Nobody needs to list them to begin."""
    assert MailroomSettings().categories == DEFAULT_CATEGORIES


def test_arguments_beat_the_environment(bare: pytest.MonkeyPatch) -> None:
    """The strongest source is the nearest one."""
    bare.setenv("MAILROOM_POLL_INTERVAL", "10")
    assert MailroomSettings(poll_interval=20).poll_interval == 20


def test_the_environment_beats_the_file(bare: pytest.MonkeyPatch) -> None:
    """A container overrides what its image brought."""
    Path("config.yaml").write_text("poll_interval: 5\n")
    bare.setenv("MAILROOM_POLL_INTERVAL", "10")
    assert MailroomSettings().poll_interval == 10


def test_the_file_beats_the_defaults() -> None:
    """`config.yaml` needs no naming."""
    Path("config.yaml").write_text("poll_interval: 5\n")
    assert MailroomSettings().poll_interval == 5


def test_a_variable_names_another_file(bare: pytest.MonkeyPatch) -> None:
    """`MAILROOM_CONFIG` replaces the default file, and is not merged with it."""
    Path("config.yaml").write_text("poll_interval: 5\ndebounce_seconds: 1\n")
    Path("other.yaml").write_text("poll_interval: 7\n")
    bare.setenv("MAILROOM_CONFIG", "other.yaml")
    settings = MailroomSettings()
    assert (settings.poll_interval, settings.debounce_seconds) == (7, 3)


def test_an_argument_names_the_file_of_all_files(bare: pytest.MonkeyPatch) -> None:
    """`--config` is stronger than `MAILROOM_CONFIG`, which then need not even exist."""
    Path("argument.yaml").write_text("poll_interval: 8\n")
    bare.setenv("MAILROOM_CONFIG", "missing.yaml")
    assert load_settings(Path("argument.yaml")).poll_interval == 8


def test_an_empty_variable_is_not_set(bare: pytest.MonkeyPatch) -> None:
    """Compose files pass on variables that nobody filled in."""
    bare.setenv("MAILROOM_POLL_INTERVAL", "")
    assert MailroomSettings().poll_interval == 60


def test_lists_in_the_environment_are_yaml(bare: pytest.MonkeyPatch) -> None:
    """JSON is a part of it, and people quote less."""
    bare.setenv("MAILROOM_CATEGORIES", '[Feed, {"name": "News", "parent": "Feed"}]')
    assert MailroomSettings().categories.entries == (Category("Feed"), Category("News", parent="Feed"))


def test_text_that_is_no_list_is_refused_like_any_other(bare: pytest.MonkeyPatch) -> None:
    """Broken YAML in a variable is a wrong value, not a crash."""
    bare.setenv("MAILROOM_CATEGORIES", "[Feed")
    assert problem() == "categories: '[Feed' is refused. It takes a list of categories."


def test_a_plain_string_is_short_for_a_category() -> None:
    """Most categories need only a name."""
    Path("config.yaml").write_text("categories:\n- Feed\n- name: Friends\n  contact_type: person\n")
    assert MailroomSettings().categories.entries == (Category("Feed"), Category("Friends", contact_type="person"))


def test_names_are_read_in_nfc() -> None:
    """Servers compare mailbox names in it (RFC 5198)."""
    settings = MailroomSettings(screener_mailbox="Cafe\N{COMBINING ACUTE ACCENT}")
    assert settings.screener_mailbox == "Caf\N{LATIN SMALL LETTER E WITH ACUTE}"


def test_a_bare_host_stands_for_jmap_discovery() -> None:
    """RFC 8620 section 2.2."""
    assert MailroomSettings(jmap_url="mail.example.com").jmap_url == "https://mail.example.com/.well-known/jmap"


def test_a_bare_host_stands_for_carddav_discovery() -> None:
    """RFC 6764 section 5."""
    settings = MailroomSettings(carddav_url="dav.example.com")
    assert settings.carddav_url == "https://dav.example.com/.well-known/carddav"


@pytest.mark.parametrize("text", ["none", "None", "", " "])
def test_the_web_server_can_be_left_out(text: str) -> None:
    """An empty endpoint string stands for no server at all."""
    assert MailroomSettings(web=text).web == ""


@pytest.mark.parametrize("text", ["INFO", "info"])
def test_the_log_level_may_be_shouted(text: str) -> None:
    """Other programs write it in upper case."""
    assert MailroomSettings.model_validate({"log_level": text}).log_level == "info"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"poll_interval": 0}, "poll_interval: 0 is refused. It takes seconds, from 1 to 86400."),
        ({"poll_interval": -5}, "poll_interval: -5 is refused. It takes seconds, from 1 to 86400."),
        ({"poll_interval": 86401}, "poll_interval: 86401 is refused. It takes seconds, from 1 to 86400."),
        ({"poll_interval": "soon"}, "poll_interval: 'soon' is refused. It takes seconds, from 1 to 86400."),
        ({"poll_interval": True}, "poll_interval: true is refused. It takes seconds, from 1 to 86400."),
        ({"poll_interval": None}, "poll_interval: no value is refused. It takes seconds, from 1 to 86400."),
        ({"debounce_seconds": -0.5}, "debounce_seconds: -0.5 is refused. It takes seconds, from 0 to 3600."),
        ({"debounce_seconds": float("nan")}, "debounce_seconds: nan is refused. It takes seconds, from 0 to 3600."),
        ({"debounce_seconds": "inf"}, "debounce_seconds: 'inf' is refused. It takes seconds, from 0 to 3600."),
        ({"contacts": "ldap"}, "contacts: 'ldap' is refused. It takes auto, jmap or carddav."),
        ({"warnings_enabled": "maybe"}, "warnings_enabled: 'maybe' is refused. It takes true or false."),
        ({"log_level": "loud"}, "log_level: 'loud' is refused. It takes debug, info, warn, error or critical."),
        ({"account_id": 7}, "account_id: 7 is refused. It takes the id of a JMAP account, as text. Put it in quotes."),
        (
            {"screener_mailbox": " "},
            "screener_mailbox: ' ' is refused. It takes the name of a mailbox, as one line of text.",
        ),
        (
            {"error_label": "a\nb"},
            "error_label: 'a\\nb' is refused. It takes the name of a label, as one line of text.",
        ),
        (
            {"web": "8080"},
            "web: '8080' is refused. It takes a Twisted endpoint, such as tcp:8080:interface=127.0.0.1, or none.",
        ),
        ({"categories": "Feed"}, "categories: 'Feed' is refused. It takes a list of categories."),
        ({"categories": {"Feed": {}}}, "categories: a mapping is refused. It takes a list of categories."),
        (
            {"categories": [5]},
            "categories, entry 1: 5 is refused. Give a name, or a mapping with a name.",
        ),
        ({"categories": ["Feed", ""]}, "categories, entry 2: name '' is refused: it must not be empty."),
        ({"categories": [{"label": "@X"}]}, "categories, entry 1: the name is missing. Add one."),
        (
            {"categories": [{"name": "Feed", "lable": "@X"}]},
            "categories, entry 1: there is no key 'lable'. Did you mean 'label'? Correct or remove it.",
        ),
        (
            {"categories": [{"name": "Feed", "contact_type": "robot"}]},
            "categories, entry 1: contact_type 'robot' is refused: it should be 'company' or 'person'.",
        ),
        (
            {"categories": [{"name": 2024}]},
            "categories, entry 1: name 2024 is refused: it should be a valid string. Put it in quotes.",
        ),
        (
            {"poll_intervall": 5},
            "poll_intervall: there is no such setting. Did you mean 'poll_interval'? Correct or remove it.",
        ),
        ({"colour": "red"}, "colour: there is no such setting. Correct or remove it."),
        (
            {"contacts": "carddav"},
            "carddav_url: missing, though contacts is carddav. Add the server's URL, or set contacts to auto.",
        ),
    ],
)
def test_a_refusal_names_setting_value_and_remedy(settings: dict[str, Any], expected: str) -> None:
    """One mistake makes one problem, and no other comes along."""
    assert problem(**settings) == expected


def test_a_slip_in_a_variable_is_refused(bare: pytest.MonkeyPatch) -> None:
    """The setting meant would silently keep its default otherwise."""
    bare.setenv("MAILROOM_POL_INTERVAL", "5")
    assert problem() == (
        "MAILROOM_POL_INTERVAL: there is no such setting. Did you mean 'MAILROOM_POLL_INTERVAL'? Correct or remove it."
    )


def test_everything_is_told_at_once(bare: pytest.MonkeyPatch) -> None:
    """Wrong fields, wrong entries, unknown keys and contradictions, from every source, in one list."""
    Path("config.yaml").write_text(
        "jmap_tokn: x\ncategories: [{name: A, label: 5}, {nam: B}, {name: C, parent: D}, {name: C}]\n"
    )
    bare.setenv("MAILROOM_DEBOUNCE_SECONDS", "-1")
    found = problems(jmap_username="me", poll_interval="x")
    assert {each.partition(":")[0] for each in found} == {
        "jmap_tokn",
        "categories, entry 1",
        "categories, entry 2",
        "category 'C'",
        "categories",
        "debounce_seconds",
        "jmap_username",
        "poll_interval",
    }


@pytest.mark.parametrize("setting", ["jmap_token", "jmap_password", "carddav_password"])
@pytest.mark.parametrize("value", ["sekret\n", ["sekret"], {"sekret": 1}])
def test_a_refused_secret_is_not_quoted(setting: str, value: object) -> None:
    """Neither in the list, nor in what pydantic itself would print."""
    wrong: dict[str, Any] = {setting: value}
    with pytest.raises(ValidationError) as refusal:
        MailroomSettings(**wrong)
    assert "sekret" not in f"{refusal.value} {refusal.value.errors()} {refusal.value.__cause__!r}"


def test_a_password_in_a_url_is_not_quoted() -> None:
    """People try `https://user:password@host`."""
    assert "sekret" not in problem(jmap_url="https://me:sekret@example.com")


def test_the_value_of_an_unknown_setting_is_not_quoted() -> None:
    """It may be a secret under a misspelled name."""
    assert "sekret" not in problem(jmap_tokn="sekret")


def test_settings_do_not_show_their_secrets() -> None:
    """Somebody will print them."""
    settings = load_settings(jmap_token="sekret")
    assert "sekret" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_no_credentials_are_none() -> None:
    """The settings construct, for there is more to them than a service."""
    assert MailroomSettings().jmap_credentials() is None


def test_a_token_authorizes_at_the_jmap_server() -> None:
    """It goes out as a bearer token."""
    credentials = load_settings(jmap_token="abc").jmap_credentials()
    assert credentials is not None
    assert credentials.authorization() == "Bearer abc"


def test_a_token_may_be_in_a_file() -> None:
    """As Docker and systemd hand secrets out."""
    Path("token").write_text("abc\n")
    credentials = load_settings(jmap_token_file="token").jmap_credentials()
    assert credentials is not None
    assert credentials.authorization() == "Bearer abc"


def test_one_login_may_serve_both() -> None:
    """Servers that speak both protocols share their users."""
    settings = load_settings(jmap_username="me", jmap_password="abc")
    assert settings.carddav_credentials() == settings.jmap_credentials()


def test_the_address_book_may_have_its_own_login() -> None:
    """A token for JMAP does not open CardDAV."""
    credentials = load_settings(jmap_token="abc", carddav_username="me", carddav_password="def").carddav_credentials()
    assert credentials is not None
    assert credentials.authorization() == "Basic bWU6ZGVm"


def test_a_token_does_not_serve_carddav() -> None:
    """Nothing is better than something that cannot work."""
    assert load_settings(jmap_token="abc").carddav_credentials() is None


def test_a_service_needs_credentials() -> None:
    """The refusal says what to set."""
    with pytest.raises(ConfigurationError, match="MAILROOM_JMAP_TOKEN"):
        MailroomSettings().require_credentials()


def test_a_service_with_carddav_contacts_needs_a_login() -> None:
    """A token alone opens half of the account."""
    settings = load_settings(jmap_token="abc", contacts="carddav", carddav_url="dav.example.com")
    with pytest.raises(ConfigurationError, match="carddav_username"):
        settings.require_credentials()


def test_a_service_needs_its_secrets_to_be_readable() -> None:
    """A misspelled path is told at the start, not in the log of the night."""
    settings = load_settings(jmap_token_file="missing")
    with pytest.raises(ConfigurationError, match="jmap_token_file: cannot read missing"):
        settings.require_credentials()


def test_a_service_with_credentials_may_start() -> None:
    """It gets those for the JMAP server."""
    assert load_settings(jmap_token="abc").require_credentials().authorization() == "Bearer abc"


@pytest.mark.parametrize(
    ("given", "read"), [("Old", ("Old",)), (["Old", " Work/Over "], ("Old", "Work/Over")), ([], ())]
)
def test_never_swept_is_a_list_of_names(given: object, read: tuple[str, ...]) -> None:
    """One name may stand for itself."""
    assert load_settings(never_swept=given).never_swept == read


def test_never_swept_comes_from_the_environment_too(bare: pytest.MonkeyPatch) -> None:
    """As a list in YAML, or as one name."""
    bare.setenv("MAILROOM_NEVER_SWEPT", "[Old, Work/Over]")
    assert load_settings().never_swept == ("Old", "Work/Over")
    bare.setenv("MAILROOM_NEVER_SWEPT", "Old")
    assert load_settings().never_swept == ("Old",)


@pytest.mark.parametrize("given", [[""], 5, None, {"Old": 1}, ["a\nb"]])
def test_never_swept_that_names_nothing_is_refused(given: object) -> None:
    """With what it takes."""
    with pytest.raises(ConfigurationError, match=r"never_swept: .* is refused\. It takes a list of names of mailboxes"):
        load_settings(never_swept=given)


class TestPaths:
    """`~` and relative paths lead where they seem to lead, wherever the process works later."""

    def test_home_in_the_settings(self, bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """No shell has replaced it there."""
        bare.setenv("HOME", f"{tmp_path / 'home'}")
        Path("config.yaml").write_text("jmap_token_file: ~/token\n")
        assert load_settings().jmap_token_file == tmp_path / "home" / "token"

    @pytest.mark.parametrize("setting", ["jmap_password_file", "carddav_password_file", "jmap_token_file"])
    def test_home_in_a_variable(self, bare: pytest.MonkeyPatch, tmp_path: Path, setting: str) -> None:
        """Units and compose files have no shell either."""
        bare.setenv("HOME", f"{tmp_path}")
        bare.setenv(f"MAILROOM_{setting.upper()}", "~/secret")
        others: dict[str, Any] = {"jmap_username": "me"} if setting.startswith("jmap_p") else {}
        others |= {"carddav_username": "me"} if setting.startswith("carddav") else {}
        assert getattr(load_settings(**others), setting) == tmp_path / "secret"

    @pytest.mark.parametrize("named", ["argument", "variable"])
    def test_home_in_the_path_of_the_settings(self, bare: pytest.MonkeyPatch, tmp_path: Path, named: str) -> None:
        """As in `--config=~/mailroom.yaml`."""
        bare.setenv("HOME", f"{tmp_path / 'home'}")
        (tmp_path / "home").mkdir()
        (tmp_path / "home" / "mailroom.yaml").write_text("poll_interval: 7\n")
        file = "~/mailroom.yaml"
        if named == "variable":
            bare.setenv("MAILROOM_CONFIG", file)
        assert load_settings(Path(file) if named == "argument" else None).poll_interval == 7

    def test_relative_to_the_file(self, bare: pytest.MonkeyPatch) -> None:
        """That is where it can be seen, and it holds when the process goes elsewhere, as by twistd's --rundir."""
        Path("etc").mkdir()
        Path("etc/config.yaml").write_text("jmap_token_file: token\n")
        Path("etc/token").write_text("abc\n")
        credentials = load_settings(Path("etc/config.yaml")).require_credentials()
        bare.chdir("/")
        assert credentials.authorization() == "Bearer abc"

    def test_relative_in_the_environment(self, bare: pytest.MonkeyPatch) -> None:
        """To the directory that the process was started in."""
        bare.setenv("MAILROOM_JMAP_TOKEN_FILE", "token")
        Path("token").write_text("abc\n")
        credentials = load_settings().require_credentials()
        bare.chdir("/")
        assert credentials.authorization() == "Bearer abc"

    @pytest.mark.parametrize("path", ["", " ", "~nobody-of-this-name/token"])
    def test_path_that_leads_nowhere_is_refused(self, path: str) -> None:
        """By the name of the setting."""
        assert problem(jmap_token_file=path).startswith(f"jmap_token_file: {path!r} is refused.")


def test_duplicate_keys_of_the_file_are_refused() -> None:
    """By the name of the file, and not by a traceback."""
    Path("config.yaml").write_text("jmap_token: abc\npoll_interval: 5\njmap_token: def\n")
    assert problem() == "config.yaml: the key 'jmap_token' is given twice, in lines 1 and 3. Keep one of them."


def test_duplicate_keys_in_a_variable_are_refused(bare: pytest.MonkeyPatch) -> None:
    """By the name of the variable."""
    bare.setenv("MAILROOM_CATEGORIES", "[{name: A, name: B}]")
    assert problem() == "MAILROOM_CATEGORIES: the key 'name' is given twice, in line 1. Keep one of them."


class TestSettingsOfOthers:
    """Whoever brings another program's settings is told what to write here."""

    @pytest.mark.parametrize(
        ("settings", "expected"),
        [
            ({"polling": {"interval": 30}}, "In place of polling.interval write poll_interval."),
            ({"triage": {"labels": {"error": "x"}}}, "In place of triage.labels.error write error_label."),
            ({"mailroom": {"poll_interval": 5}}, "In place of mailroom.poll_interval write poll_interval."),
            ({"logging": {"level": "warning"}}, "In place of logging.level write log_level: warn."),
            ({"triage": {"warnings": True}}, "In place of triage.warnings write warnings_enabled."),
            ({"jmap": {"token": "sekret"}}, "In place of jmap.token write jmap_token."),
            ({"logging": {"file": "x"}}, "There is nothing like logging.file: remove it."),
            ({"mailroom": {"config": "x"}}, "There is nothing like mailroom.config: remove it."),
        ],
    )
    def test_keys_in_a_block_have_names_of_their_own(self, settings: dict[str, Any], expected: str) -> None:
        """Each of them is named, and no value, which may be a secret."""
        (block,) = settings
        assert problem(**settings) == f"{block}: there is no such setting, and settings are not nested. {expected}"

    def test_each_key_of_a_block_is_answered(self) -> None:
        """In one problem."""
        assert problem(polling={"interval": 30, "debounce": 3, "jitter": 1}).endswith(
            "In place of polling.interval write poll_interval. In place of polling.debounce write debounce_seconds. "
            "There is nothing like polling.jitter: remove it."
        )

    @pytest.mark.parametrize("key", ["FASTMAIL_TOKEN", "MAILROOM_JMAP_TOKEN", "mailroom_token", "MAILROOM_JMAP_TOKN"])
    def test_a_key_is_never_answered_with_a_variable(self, key: str) -> None:
        """It would do nothing in the file."""
        Path("config.yaml").write_text(f"{key}: sekret\n")
        assert problem() == f"{key}: there is no such setting. Did you mean 'jmap_token'? Correct or remove it."

    @pytest.mark.parametrize(
        ("variable", "meant"),
        [
            ("MAILROOM_LABEL_ERROR", "MAILROOM_ERROR_LABEL"),
            ("MAILROOM_POLLING_INTERVAL", "MAILROOM_POLL_INTERVAL"),
            ("MAILROOM_POLLING__INTERVAL", "MAILROOM_POLL_INTERVAL"),
            ("MAILROOM_TOKEN", "MAILROOM_JMAP_TOKEN"),
            ("MAILROOM_FASTMAIL_TOKEN", "MAILROOM_JMAP_TOKEN"),
        ],
    )
    def test_a_variable_is_answered_with_a_variable(self, bare: pytest.MonkeyPatch, variable: str, meant: str) -> None:
        """One that says the same in other words is no other program's."""
        bare.setenv(variable, "sekret")
        assert problem() == f"{variable}: there is no such setting. Did you mean '{meant}'? Correct or remove it."

    @pytest.mark.parametrize(
        ("settings", "choice"),
        [({"log_level": "warning"}, "warn"), ({"log_level": "FATAL"}, "critical"), ({"push": False}, "none")],
    )
    def test_other_values_are_answered_with_the_choice(self, settings: dict[str, Any], choice: str) -> None:
        """Beside all choices."""
        assert problem(**settings).endswith(f" Did you mean '{choice}'?")

    @pytest.mark.parametrize(
        ("key", "meant"),
        [
            ("mailbox", "destination_mailbox"),
            ("folder", "destination_mailbox"),
            ("group", "contact_group"),
            ("tag", "label"),
            ("kind", "contact_type"),
            ("inbox", "add_to_inbox"),
        ],
    )
    def test_keys_of_categories_have_other_words_too(self, key: str, meant: str) -> None:
        """As the settings themselves."""
        assert problem(categories=[{"name": "Feed", key: "x"}]) == (
            f"categories, entry 1: there is no key '{key}'. Did you mean '{meant}'? Correct or remove it."
        )

    @pytest.mark.parametrize(
        ("variable", "meant"),
        [("FASTMAIL_TOKEN", "MAILROOM_JMAP_TOKEN"), ("JMAP_PASSWORD", "MAILROOM_JMAP_PASSWORD")],
    )
    def test_a_variable_without_our_prefix_is_told_where_a_login_is_missing(
        self, bare: pytest.MonkeyPatch, variable: str, meant: str
    ) -> None:
        """Where none is missing, it is somebody else's."""
        bare.setenv(variable, "sekret")
        with pytest.raises(ConfigurationError, match=f"{variable} is set, but not read: name it {meant}"):
            load_settings().require_credentials()
        assert load_settings(jmap_token="abc").require_credentials()

    def test_a_name_reaches_no_terminal_as_it_is(self) -> None:
        """YAML can write any character."""
        Path("config.yaml").write_text('"x\\e[31m": 1\n')
        assert problem().startswith("x\\x1b[31m: there is no such setting.")


@pytest.mark.parametrize("setting", ["jmap_url", "carddav_url"])
def test_plain_http_needs_a_permission(setting: str) -> None:
    """The refusal names the setting, the server without what may be secret, and both remedies."""
    refused = problem(**{setting: "http://mail.example:8080/hush?token=hush"})
    assert refused.startswith(f"{setting}: over http://mail.example:8080 everybody")
    assert "https" in refused.partition("Use ")[2]
    assert "allow_insecure_http" in refused
    assert "hush" not in refused
    assert load_settings(None, allow_insecure_http=True, **{setting: "http://mail.example/dav"}).allow_insecure_http


def test_plain_http_to_loopback_needs_none() -> None:
    """Nobody is on the way."""
    assert load_settings(jmap_url="http://127.0.0.1:8080", carddav_url="http://localhost/dav").jmap_url


def test_a_secret_in_another_setting_is_not_quoted() -> None:
    """Whoever mistypes a setting may paste anything; a long value is cut, and so may be a secret."""
    token = "fmu1-" + "0123456789abcdef" * 4
    refused = problem(jmap_token=token, poll_interval=token)
    assert "0123456789" not in refused
    assert refused.startswith("poll_interval: '[redacted]...' is refused.")
