"""The report's files: what a filter withholds is in none of them."""

import pytest

from grader.results.documents import MEDIA_TYPES, document
from tests.cast import CAST, half_done
from tests.factories import UNIT_TITLE
from tests.results.allowing import STAFF, student

NOTHING = student("never", "never", "never")


@pytest.mark.parametrize("kind", MEDIA_TYPES)
@pytest.mark.parametrize("make", CAST.values(), ids=CAST)
def test_every_result_makes_a_file(kind, make):
    made = document(kind, make(), UNIT_TITLE, NOTHING)
    assert made.text
    assert made.media_type == MEDIA_TYPES[kind]


@pytest.mark.parametrize("kind", MEDIA_TYPES)
@pytest.mark.parametrize(
    "secret", ["test_each_row_has_its_own_maximum", "torch.log_softmax is used", "bubblewrap"]
)
def test_what_is_for_staff_is_in_no_file_of_a_student(kind, secret):
    whole = half_done()
    assert secret not in document(kind, whole, UNIT_TITLE, NOTHING).text
    if kind != "xml" or secret.startswith("test_"):
        assert secret in document(kind, whole, UNIT_TITLE, STAFF).text


def test_rounded_times_say_that_they_are():
    assert "≤ 1.0 s" in document("html", half_done(), UNIT_TITLE, NOTHING).text
    assert "≤ 1.0 s" not in document("html", half_done(), UNIT_TITLE, STAFF).text
