"""The staff's desk: decisions about grades, rubrics, comments, review, regrades, similarity, tasks"""

import json
import zlib

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REASONS_BEFORE = ("submission", "regrade")
REASONS = (*REASONS_BEFORE, "rescore")
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
        "regrades",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("course_unit_id", sa.Integer(), nullable=False),
        sa.Column("unit_version_id", sa.Integer(), nullable=False),
        sa.Column("previous_version_id", sa.Integer(), nullable=True),
        sa.Column(
            "method",
            sa.Enum("run", "rescore", name="method", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "scope",
            sa.Enum(
                "counting",
                "latest",
                "all",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "running",
                "paused",
                "ready",
                "promoted",
                "undone",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promoted_by_id", sa.Integer(), nullable=True),
        sa.Column("promoted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_unit_id"], ["course_units.id"], name=op.f("fk_regrades_course_unit_id_course_units")
        ),
        sa.ForeignKeyConstraint(
            ["previous_version_id"],
            ["unit_versions.id"],
            name=op.f("fk_regrades_previous_version_id_unit_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["promoted_by_id"], ["users.id"], name=op.f("fk_regrades_promoted_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["users.id"], name=op.f("fk_regrades_requested_by_id_users")
        ),
        sa.ForeignKeyConstraint(["undone_by_id"], ["users.id"], name=op.f("fk_regrades_undone_by_id_users")),
        sa.ForeignKeyConstraint(
            ["unit_version_id"], ["unit_versions.id"], name=op.f("fk_regrades_unit_version_id_unit_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrades")),
        sa.UniqueConstraint("public_id", name=op.f("uq_regrades_public_id")),
    )
    with op.batch_alter_table("regrades", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_regrades_course_unit_id"), ["course_unit_id"], unique=False)

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
        "tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("gate", "similarity", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("course_unit_id", sa.Integer(), nullable=True),
        sa.Column("unit_version_id", sa.Integer(), nullable=True),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "done",
                "failed",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("worker_id", sa.Text(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_unit_id"], ["course_units.id"], name=op.f("fk_tasks_course_unit_id_course_units")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["users.id"], name=op.f("fk_tasks_requested_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["unit_version_id"], ["unit_versions.id"], name=op.f("fk_tasks_unit_version_id_unit_versions")
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_tasks_worker_id_workers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tasks_public_id")),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tasks_course_unit_id"), ["course_unit_id"], unique=False)
        batch_op.create_index("ix_tasks_state_queued_at", ["state", "queued_at"], unique=False)

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
        "similar_pairs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("similarity", sa.Double(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "no_concern", "to_discuss", name="verdict", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("seen_by_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["first_id"], ["submissions.id"], name=op.f("fk_similar_pairs_first_id_submissions")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["submissions.id"], name=op.f("fk_similar_pairs_second_id_submissions")
        ),
        sa.ForeignKeyConstraint(["seen_by_id"], ["users.id"], name=op.f("fk_similar_pairs_seen_by_id_users")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_similar_pairs_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_similar_pairs")),
        sa.UniqueConstraint("public_id", name=op.f("uq_similar_pairs_public_id")),
    )
    with op.batch_alter_table("similar_pairs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_similar_pairs_first_id"), ["first_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_similar_pairs_second_id"), ["second_id"], unique=False)
        batch_op.create_index("ix_similar_pairs_task_id_similarity", ["task_id", "similarity"], unique=False)

    op.create_table(
        "regraded_submissions",
        sa.Column("regrade_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("replaced_run_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["regrade_id"], ["regrades.id"], name=op.f("fk_regraded_submissions_regrade_id_regrades")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_run_id"],
            ["grading_runs.id"],
            name=op.f("fk_regraded_submissions_replaced_run_id_grading_runs"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["grading_runs.id"], name=op.f("fk_regraded_submissions_run_id_grading_runs")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_regraded_submissions_submission_id_submissions"),
        ),
        sa.PrimaryKeyConstraint("regrade_id", "submission_id", name=op.f("pk_regraded_submissions")),
    )
    with op.batch_alter_table("regraded_submissions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_regraded_submissions_run_id"), ["run_id"], unique=False)

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

    with op.batch_alter_table("course_units", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("late_percent_per_day", sa.Double(), server_default="0", nullable=False)
        )
        batch_op.add_column(sa.Column("late_percent_cap", sa.Double(), server_default="100", nullable=False))
        batch_op.add_column(sa.Column("late_grace_s", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column("are_grades_withheld", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(
            sa.Column("checks_similarity", sa.Boolean(), server_default=sa.true(), nullable=False)
        )
        batch_op.add_column(sa.Column("pinned_version_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_course_units_pinned_version_id_unit_versions"),
            "unit_versions",
            ["pinned_version_id"],
            ["id"],
        )

    with op.batch_alter_table("grading_runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wanted_version_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("regrade_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("passed_groups", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("repeats_run_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_grading_runs_regrade_id"), ["regrade_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_grading_runs_wanted_version_id_unit_versions"),
            "unit_versions",
            ["wanted_version_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_grading_runs_regrade_id_regrades"), "regrades", ["regrade_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_grading_runs_repeats_run_id_grading_runs"),
            "grading_runs",
            ["repeats_run_id"],
            ["id"],
        )

    with op.batch_alter_table("unit_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("content", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("label", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("created_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_unit_versions_created_by_id_users"), "users", ["created_by_id"], ["id"]
        )
    _let_reasons_be(REASONS_BEFORE, REASONS)
    _fill_in_passed_groups()
    op.drop_index("ix_run_tests_test_id", "run_tests")
    op.create_index("ix_run_tests_test_id_run_id_outcome", "run_tests", ["test_id", "run_id", "outcome"])


def downgrade() -> None:
    op.drop_index("ix_run_tests_test_id_run_id_outcome", "run_tests")
    op.create_index("ix_run_tests_test_id", "run_tests", ["test_id"])
    op.execute("UPDATE grading_runs SET reason = 'regrade' WHERE reason = 'rescore'")
    _let_reasons_be(REASONS, REASONS_BEFORE)
    with op.batch_alter_table("unit_versions", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_unit_versions_created_by_id_users"), type_="foreignkey")
        batch_op.drop_column("created_by_id")
        batch_op.drop_column("label")
        batch_op.drop_column("content")

    with op.batch_alter_table("grading_runs", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_grading_runs_regrade_id_regrades"), type_="foreignkey")
        batch_op.drop_constraint(
            batch_op.f("fk_grading_runs_wanted_version_id_unit_versions"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_grading_runs_repeats_run_id_grading_runs"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_grading_runs_regrade_id"))
        batch_op.drop_column("passed_groups")
        batch_op.drop_column("repeats_run_id")
        batch_op.drop_column("regrade_id")
        batch_op.drop_column("wanted_version_id")

    with op.batch_alter_table("course_units", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_course_units_pinned_version_id_unit_versions"), type_="foreignkey"
        )
        batch_op.drop_column("pinned_version_id")
        batch_op.drop_column("checks_similarity")
        batch_op.drop_column("are_grades_withheld")
        batch_op.drop_column("late_grace_s")
        batch_op.drop_column("late_percent_cap")
        batch_op.drop_column("late_percent_per_day")

    with op.batch_alter_table("run_flags", schema=None) as batch_op:
        batch_op.drop_index("ix_run_flags_code")

    op.drop_table("run_flags")
    with op.batch_alter_table("regraded_submissions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_regraded_submissions_run_id"))

    op.drop_table("regraded_submissions")
    with op.batch_alter_table("similar_pairs", schema=None) as batch_op:
        batch_op.drop_index("ix_similar_pairs_task_id_similarity")
        batch_op.drop_index(batch_op.f("ix_similar_pairs_second_id"))
        batch_op.drop_index(batch_op.f("ix_similar_pairs_first_id"))

    op.drop_table("similar_pairs")
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
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.drop_index("ix_tasks_state_queued_at")
        batch_op.drop_index(batch_op.f("ix_tasks_course_unit_id"))

    op.drop_table("tasks")
    with op.batch_alter_table("rubric_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rubric_items_course_unit_id"))

    op.drop_table("rubric_items")
    with op.batch_alter_table("regrades", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_regrades_course_unit_id"))

    op.drop_table("regrades")
    with op.batch_alter_table("allowances", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_allowances_user_id"))
        batch_op.drop_index(batch_op.f("ix_allowances_course_unit_id"))

    op.drop_table("allowances")


def _let_reasons_be(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    with op.batch_alter_table("grading_runs", schema=None) as batch_op:
        batch_op.drop_constraint("reason", type_="check")
        batch_op.create_check_constraint(
            "reason", "reason IN (" + ", ".join(f"'{each}'" for each in after) + ")"
        )


def _fill_in_passed_groups() -> None:
    """Say of runs that are graded already which test groups they passed, as publishing does from now on."""
    join = "group_concat" if op.get_bind().dialect.name == "sqlite" else "string_agg"
    op.execute(
        f"""
        UPDATE grading_runs SET passed_groups = (
            SELECT coalesce({join}(passed.test_group, ' '), '') FROM (
                SELECT test_group FROM run_tests WHERE run_id = grading_runs.id GROUP BY test_group
                HAVING min(CASE WHEN outcome = 'passed' THEN 1 ELSE 0 END) = 1
            ) AS passed
        ) WHERE state = 'graded'
        """
    )


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
            {"run_id": run_id, "position": position, **flag}
            for run_id, report in reports
            for position, flag in enumerate(json.loads(zlib.decompress(report))["review"])
        ]
        if rows:
            op.bulk_insert(run_flags, rows)
        last_id = reports[-1].run_id
