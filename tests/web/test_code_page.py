"""GET /submissions/<public_id>/code"""

from dataclasses import replace

import pytest

from grader.judging.result import Outcome, ReviewFlag
from tests.cast import too_slow
from tests.reading.hand_ins import LOSS
from tests.web.handed_in import hand_in
from tests.web.reading import hand_in_files

SOURCE = b"import torch\n\n\ndef loss(x):\n    return torch.nn.functional.mse_loss(x, x)\n"
FLAG = ReviewFlag("off-limits-api", LOSS, 5, "torch.nn.functional.mse_loss is off limits.")


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


def flagged():
    result = too_slow()
    message = "ValueError: bad\n  g2c/nn/loss.py, line 4, in loss: def loss(x):"
    failed = replace(result.tests[2], outcome=Outcome.FAILED, message=message)
    return replace(result, review=(FLAG,), tests=(*result.tests, failed))


def test_staff_see_the_files_with_flags_and_failures_at_their_lines(client_of, database, world):
    public_id = hand_in_files(database, world, {LOSS: SOURCE}, flagged())
    page = client_of(world.tara).get(f"/submissions/{public_id}/code").text
    assert '<span class="t-keyword">import</span> torch' in page
    at_line_5 = page[page.index('title="Comment on line 5"', page.index(f'<h2 id="f2-title">{LOSS}')) :]
    assert at_line_5.index(FLAG.text) < at_line_5.index("</section>")
    assert "Failed here" in page
    assert "ValueError: bad" in page
    assert "files as in the template" in page


def test_students_see_their_own_code_without_flags(client_of, database, world):
    public_id = hand_in_files(database, world, {LOSS: SOURCE}, flagged())
    page = client_of(world.ada).get(f"/submissions/{public_id}/code").text
    assert "mse_loss" in page
    for hidden in (FLAG.text, "Failed here", "Comment on", "comment-form", "Marks", ">Log<"):
        assert hidden not in page


@pytest.mark.parametrize(
    "source",
    [
        b"x = '</code></table><script>alert(1)</script>'\n",
        b"x = '" + "\u202e\u2066".encode() + b"'\n",
        b"\xff\xfe\x00\x01",
        b"(" * 100_000,
        b"x\n" * 20_000,
    ],
)
def test_hostile_files_are_shown_harmless(client_of, database, world, source):
    public_id = hand_in_files(database, world, {LOSS: source, "g2c/nn/<script>alert(1)</script>.py": b"1\n"})
    answer = client_of(world.tara).get(f"/submissions/{public_id}/code?file={LOSS}")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "\u202e" not in answer.text


def test_a_file_is_opened_by_name_only_if_it_was_handed_in(client_of, database, world):
    public_id = hand_in_files(database, world, {"/essay.md": b"outside of it\n"})
    browser = client_of(world.tara)
    address = f"/submissions/{public_id}/code"
    assert "outside of it" not in browser.get(address).text
    assert "outside of it" in browser.get(f"{address}?file=essay.md").text
    for name in ("../../../etc/passwd", "/etc/passwd", "none", "", "a\u202e"):
        assert (
            browser.get(address, query_string={"file": name, "line": "99999999999999999999"}).status_code
            == 200
        )


def test_an_archive_that_can_not_be_read_is_said_so(client_of, database, world):
    (public_id,) = hand_in(database, world, too_slow())
    for part in ("code", "diff", "notebook"):
        answer = client_of(world.tara).get(f"/submissions/{public_id}/{part}")
        assert answer.status_code == 200
        assert "absent" in answer.text
