"""What of a folder is sent, and what stays at home."""

import io
import zipfile
from pathlib import Path

import pytest

from grader.client.endings import Ending
from grader.client.packing import pack
from grader.settings import CHECKOUT
from grader.submissions.intake import MAX_REJECTIONS

SECRETS = [
    *(".env", ".env.local", ".ENV", ".netrc", ".npmrc", ".pypirc", ".git-credentials", "server.pem"),
    *("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "g2c").mkdir()
    (tmp_path / "g2c" / "loss.py").write_text("x = 1\n")
    return tmp_path


def sent(content: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("place", ["", "g2c/"])
def test_secrets_stay_at_home_and_that_is_said(folder: Path, place: str, name: str):
    (folder / place / name).write_text("TOKEN=hush")
    package = pack(folder)
    assert sent(package.content) == ["g2c/loss.py"]
    assert [(each.code, each.path) for each in package.left_out] == [("secret", place + name)]


def test_a_folder_of_such_a_name_is_not_entered(folder: Path):
    (folder / ".env" / "lib").mkdir(parents=True)
    (folder / ".env" / "lib" / "site.py").touch()
    package = pack(folder)
    assert sent(package.content) == ["g2c/loss.py"] and [each.path for each in package.left_out] == [".env"]


@pytest.mark.parametrize("name", ["id_map.py", "environment.py", "env.py", "id_rsa.pub", ".envrc.md"])
def test_names_that_only_look_alike_are_sent(folder: Path, name: str):
    (folder / "g2c" / name).touch()
    package = pack(folder)
    assert f"g2c/{name}" in sent(package.content) and package.left_out == ()


def test_nothing_of_a_template_is_taken_for_a_secret():
    assert pack(CHECKOUT / "student_template" / "nn").left_out == ()


def test_any_number_of_links_is_left_out(folder: Path):
    links = 2 * MAX_REJECTIONS
    for number in range(links):
        (folder / f"link{number}").symlink_to("g2c/loss.py")
    package = pack(folder)
    assert sent(package.content) == ["g2c/loss.py"] and len(package.left_out) == links


def test_what_is_wrong_with_the_rest_is_said_despite_many_links(folder: Path):
    for number in range(2 * MAX_REJECTIONS):
        (folder / f"link{number}").symlink_to("g2c/loss.py")
    (folder / ("x" * 200)).mkdir()
    (folder / ("x" * 200) / ("y" * 200)).touch()
    with pytest.raises(Ending) as ended:
        pack(folder)
    assert [each.code for each in ended.value.rejections] == ["path-too-long"]
