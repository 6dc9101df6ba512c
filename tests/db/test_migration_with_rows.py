"""A migration that replaces tables keeps their rows, their references and their indexes."""

import json
import zlib

import sqlalchemy as sa

from grader.db import migration
from grader.db.database import open_database
from tests.databases import NewUrl

BEFORE_THE_DESK = "0005"
STANDING = "uq_grading_runs_submission_id_standing"
ROWS = """
INSERT INTO users (id, email, name, is_admin, is_active, session_version, created_at)
    VALUES (1, 'ada@example.org', 'Ada Byron', false, true, 1, '2026-11-01 08:00:00');
INSERT INTO courses (id, slug, title, supersedes_queued, created_at)
    VALUES (1, 'dl', 'Deep learning', true, '2026-11-01 08:00:00');
INSERT INTO course_units (id, course_id, slug, unit, title, position, is_published, counts, created_at)
    VALUES (1, 1, 'nn', 'nn', 'Module 03', 0, true, 'best', '2026-11-01 08:00:00');
INSERT INTO archives (sha256, size_bytes, content, created_at) VALUES ('ab', 1, 'a', '2026-11-01 08:00:00');
INSERT INTO submissions (id, public_id, course_unit_id, user_id, number, source, filename, archive_sha256,
    digest, received_at, is_late, attempt)
    VALUES (1, 'abc', 1, 1, 1, 'web', 'nn.zip', 'ab', 'cd', '2026-11-01 08:00:00', false, 'used');
INSERT INTO grading_runs (id, submission_id, reason, state, stands, seed, fence, tries, priority,
    queued_at, score)
    VALUES (1, 1, 'regrade', 'graded', true, 7, 1, 1, 1, '2026-11-01 08:00:00', 90.5);
INSERT INTO run_tests (run_id, position, test_id, visibility, test_group, outcome, points, max_points,
    duration_s)
    VALUES (1, 0, 'tests/test_nn.py::test_relu', 'public', 'activations', 'passed', 1.0, 1.0, 0.1)
"""

FLAG = {"code": "off-limits-api", "file": "g2c/nn/loss.py", "line": 3, "text": "uses torch.nn"}
QUOTING = {"code": "sandbox-denial", "file": "", "line": 0, "text": "said a\0b\ud800"}
REPORT = zlib.compress(json.dumps({"review": [FLAG, QUOTING]}).encode())


def test_rows_survive_the_way_up_and_down(empty_url: NewUrl):
    database = open_database(empty_url())
    migration.upgrade(database, BEFORE_THE_DESK)
    with database.writing() as session:
        for statement in ROWS.split(";"):
            session.execute(sa.text(statement))
        session.execute(
            sa.text("INSERT INTO run_reports (run_id, report) VALUES (1, :report)"), {"report": REPORT}
        )
    for revision in (None, BEFORE_THE_DESK, None):
        if revision is None:
            migration.upgrade(database)
        else:
            migration.downgrade(database, revision)
        with database.reading() as session:
            assert session.execute(sa.text("SELECT score, reason FROM grading_runs")).all() == [
                (90.5, "regrade")
            ]
            assert session.scalar(sa.text("SELECT count(*) FROM run_tests")) == 1
            if revision is None:
                assert session.scalar(sa.text("SELECT passed_groups FROM grading_runs")) == "activations"
                flags = session.execute(sa.text("SELECT position, code, file, line, text FROM run_flags"))
                quoted = "said a\\x00b\\ud800"
                assert flags.all() == [(0, *FLAG.values()), (1, "sandbox-denial", "", 0, quoted)]
        indexes = {index["name"]: index for index in sa.inspect(database.engine).get_indexes("grading_runs")}
        assert indexes[STANDING]["unique"]
        assert any(key.endswith("_where") for key in indexes[STANDING]["dialect_options"])
    database.close()
