"""What staff decide about grades, and what people mark, say and flag"""

import json
import zlib

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REPORTS_AT_ONCE = 500  # they are read whole


def upgrade() -> None:
    op.create_table(
        "allowances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_unit_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extra_attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_by_id", sa.Integer(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(user_id IS NULL) <> (section IS NULL)", name=op.f("ck_allowances_one_student_or_one_section")
        ),
        sa.ForeignKeyConstraint(
            ["course_unit_id"], ["course_units.id"], name=op.f("fk_allowances_course_unit_id_course_units")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["users.id"], name=op.f("fk_allowances_granted_by_id_users")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_allowances_user_id_users")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["users.id"], name=op.f("fk_allowances_withdrawn_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allowances")),
    )
    with op.batch_alter_table("allowances", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_allowances_course_unit_id"), ["course_unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_allowances_user_id"), ["user_id"], unique=False)
    op.create_table(
        "rubric_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_unit_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_unit_id"], ["course_units.id"], name=op.f("fk_rubric_items_course_unit_id_course_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_items")),
    )
    with op.batch_alter_table("rubric_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rubric_items_course_unit_id"), ["course_unit_id"], unique=False)
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_comments_author_id_users")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_comments_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("public_id", name=op.f("uq_comments_public_id")),
    )
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_comments_submission_id"), ["submission_id"], unique=False)
    op.create_table(
        "flag_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "dismissed", "acted_on", name="verdict", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_flag_decisions_decided_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_flag_decisions_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_decisions")),
    )
    with op.batch_alter_table("flag_decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_flag_decisions_submission_id"), ["submission_id"], unique=False)
    op.create_table(
        "grade_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_unit_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "score",
                "excused",
                "submission",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_unit_id"],
            ["course_units.id"],
            name=op.f("fk_grade_decisions_course_unit_id_course_units"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_grade_decisions_decided_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_grade_decisions_submission_id_submissions")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_grade_decisions_user_id_users")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["users.id"], name=op.f("fk_grade_decisions_withdrawn_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_decisions")),
    )
    with op.batch_alter_table("grade_decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grade_decisions_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_grade_decisions_in_force",
            ["course_unit_id", "user_id"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
    op.create_table(
        "rubric_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("marked_by_id", sa.Integer(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["rubric_items.id"], name=op.f("fk_rubric_marks_item_id_rubric_items")
        ),
        sa.ForeignKeyConstraint(
            ["marked_by_id"], ["users.id"], name=op.f("fk_rubric_marks_marked_by_id_users")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_rubric_marks_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_marks")),
        sa.UniqueConstraint("item_id", "user_id", name=op.f("uq_rubric_marks_item_id_user_id")),
    )
    with op.batch_alter_table("rubric_marks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rubric_marks_user_id"), ["user_id"], unique=False)
    op.create_table(
        "run_flags",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["grading_runs.id"], name=op.f("fk_run_flags_run_id_grading_runs")
        ),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_run_flags")),
    )
    with op.batch_alter_table("run_flags", schema=None) as batch_op:
        batch_op.create_index("ix_run_flags_code", ["code"], unique=False)
    _store_flags()


def downgrade() -> None:
    with op.batch_alter_table("run_flags", schema=None) as batch_op:
        batch_op.drop_index("ix_run_flags_code")
    op.drop_table("run_flags")
    with op.batch_alter_table("rubric_marks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rubric_marks_user_id"))
    op.drop_table("rubric_marks")
    with op.batch_alter_table("grade_decisions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_grade_decisions_in_force",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_grade_decisions_user_id"))
    op.drop_table("grade_decisions")
    with op.batch_alter_table("flag_decisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_flag_decisions_submission_id"))
    op.drop_table("flag_decisions")
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comments_submission_id"))
    op.drop_table("comments")
    with op.batch_alter_table("rubric_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rubric_items_course_unit_id"))
    op.drop_table("rubric_items")
    with op.batch_alter_table("allowances", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_allowances_user_id"))
        batch_op.drop_index(batch_op.f("ix_allowances_course_unit_id"))
    op.drop_table("allowances")


def _store_flags() -> None:
    """Give the runs that were graded before the rows of what their reports hold for staff to look at."""
    run_flags = sa.table("run_flags", *map(sa.column, ("run_id", "position", "code", "file", "line", "text")))
    run_reports = sa.table("run_reports", sa.column("run_id"), sa.column("report", sa.LargeBinary))
    connection, last_id = op.get_bind(), 0
    while reports := connection.execute(
        sa.select(run_reports)
        .where(run_reports.c.run_id > last_id)
        .order_by(run_reports.c.run_id)
        .limit(REPORTS_AT_ONCE)
    ).all():
        rows = [
            {
                **{"run_id": run_id, "position": position, "code": flag["code"], "line": flag["line"]},
                **{"file": _storable(flag["file"]), "text": _storable(flag["text"])},
            }
            for run_id, report in reports
            for position, flag in enumerate(json.loads(zlib.decompress(report))["review"])
        ]
        if rows:
            op.bulk_insert(run_flags, rows)
        last_id = reports[-1].run_id


def _storable(text: str) -> str:
    """Return the text without what databases do not take: NULs and halves of characters."""
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
