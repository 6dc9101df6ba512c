"""Settings: where a value comes from, what is refused, and that every one is documented."""

import dataclasses
import re
from pathlib import Path

import pytest

from grader.errors import SettingsError
from grader.settings import CHECKOUT, CLIENT_VARIABLES, Settings, load_settings

PAGE = (CHECKOUT / "docs/reference/settings.md").read_text(encoding="utf-8")
NAMES = [setting.name for setting in dataclasses.fields(Settings)]


@pytest.fixture
def settings_file(tmp_path: Path):
    def write(content: str) -> str:
        path = tmp_path / "grader.toml"
        path.write_text(content, encoding="utf-8")
        return str(path)

    return write


def test_an_empty_environment_gives_the_defaults():
    assert load_settings({}) == Settings()


def test_values_are_read_from_the_environment_with_their_types():
    settings = load_settings(
        {
            "GRADER_DATA_DIR": "/srv/grader",
            "GRADER_MNIST_DIR": "~/mnist",
            "GRADER_SANDBOX": "bubblewrap",
            "GRADER_DOCKER_BASE_IMAGE": "course/python:3.11",
            "GRADER_UNITS_ROOT": "/srv/units",
            "GRADER_POOL_SIZE": "3",
            "GRADER_STUDENT_CORE": "0",
            "GRADER_REQUIRE_SANDBOXES": "docker, bubblewrap",
        }
    )
    assert settings == Settings(
        data_dir=Path("/srv/grader"),
        mnist_dir=Path.home() / "mnist",
        sandbox="bubblewrap",
        docker_base_image="course/python:3.11",
        units_root=Path("/srv/units"),
        pool_size=3,
        student_core=0,
        require_sandboxes=("docker", "bubblewrap"),
    )


def test_an_empty_variable_counts_as_unset():
    assert load_settings({"GRADER_POOL_SIZE": "", "GRADER_SETTINGS": ""}) == Settings()


def test_variables_of_other_programs_are_left_alone():
    assert load_settings({"UPGRADER_POOL_SIZE": "x", "PATH": "/bin"}) == Settings()


def test_origins_are_read_as_addresses_are_compared():
    settings = load_settings(
        {
            "GRADER_OUTBOUND_PRIVATE_ORIGINS": "http://127.0.0.1:3000, https://git.intern:443,http://[::1]:80",
            "GRADER_REPOSITORY_HOSTS": "gitlab=https://git.intern:443",
        }
    )
    assert settings.outbound_private_origins == (
        "http://127.0.0.1:3000",
        "https://git.intern",
        "http://[::1]",
    )
    assert settings.repository_hosts == (("gitlab", "https://git.intern"),)


def test_the_file_is_read_and_the_environment_comes_before_it(settings_file):
    path = settings_file('pool_size = 2\nsandbox = "docker"\nrequire_sandboxes = ["docker"]\n')
    settings = load_settings({"GRADER_SETTINGS": path, "GRADER_POOL_SIZE": "5"})
    assert (settings.pool_size, settings.sandbox) == (5, "docker")
    assert settings.require_sandboxes == ("docker",)


def test_an_unknown_variable_is_refused_with_the_nearest_name():
    with pytest.raises(SettingsError, match=r"GRADER_POOLSIZE is not a setting.*GRADER_POOL_SIZE"):
        load_settings({"GRADER_POOLSIZE": "2"})


def test_an_unknown_key_of_the_file_is_refused_with_the_nearest_name(settings_file):
    with pytest.raises(SettingsError, match=r"sandbx is not a setting; did you mean sandbox"):
        load_settings({"GRADER_SETTINGS": settings_file('sandbx = "docker"')})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("POOL_SIZE", "0"),
        ("POOL_SIZE", "many"),
        ("POOL_SIZE", "1.5"),
        ("STUDENT_CORE", "-1"),
        ("SANDBOX", "none"),
        ("REQUIRE_SANDBOXES", "docker,podman"),
        ("OUTBOUND_PRIVATE_ORIGINS", "127.0.0.1:3000"),
        ("OUTBOUND_PRIVATE_ORIGINS", "http://127.0.0.1:3000/"),
        ("OUTBOUND_PRIVATE_ORIGINS", "http://user@127.0.0.1"),
        ("REPOSITORY_HOSTS", "https://github.com"),
        ("REPOSITORY_HOSTS", "bitbucket=https://bitbucket.org"),
        ("REPOSITORY_HOSTS", "gitlab=gitlab.com"),
    ],
)
def test_a_malformed_value_is_refused_and_says_where_it_stands(name: str, text: str):
    with pytest.raises(SettingsError, match=rf"GRADER_{name}: .*{re.escape(text)}.*expected"):
        load_settings({f"GRADER_{name}": text})


@pytest.mark.parametrize("content", ["pool_size = ", "pool_size = true", "pool_size = 1.5"])
def test_a_malformed_file_is_refused_and_named(settings_file, content: str):
    path = settings_file(content)
    with pytest.raises(SettingsError, match=re.escape(path)):
        load_settings({"GRADER_SETTINGS": path})


def test_a_missing_file_is_refused_and_named(tmp_path: Path):
    path = str(tmp_path / "absent.toml")
    with pytest.raises(SettingsError, match=re.escape(path)):
        load_settings({"GRADER_SETTINGS": path})


def test_settings_do_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().pool_size = 2  # type: ignore[misc]


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_stands_in_the_reference_page_with_its_meaning(name: str):
    (setting,) = (f for f in dataclasses.fields(Settings) if f.name == name)
    (row,) = re.findall(rf"^\| `{name}` \|.*$", PAGE, re.MULTILINE)
    assert f"`GRADER_{name.upper()}`" in row
    assert row.endswith(f"| {setting.metadata['doc']} |")
    if isinstance(setting.default, str | int):
        assert (f"| `{setting.default}` |" if setting.default != "" else "| unset |") in row


def test_the_reference_page_lists_nothing_else():
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == NAMES


@pytest.mark.parametrize("variable", CLIENT_VARIABLES)
def test_what_grader_submit_reads_is_no_misspelt_setting(variable: str):
    assert load_settings({variable: "x"}) == load_settings({})
