"""Regrades that are looked at before they count; long work beside grading"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
                "no_concern",
                "to_discuss",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=32,
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


def downgrade() -> None:
    with op.batch_alter_table("regraded_submissions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_regraded_submissions_run_id"))
    op.drop_table("regraded_submissions")
    with op.batch_alter_table("similar_pairs", schema=None) as batch_op:
        batch_op.drop_index("ix_similar_pairs_task_id_similarity")
        batch_op.drop_index(batch_op.f("ix_similar_pairs_second_id"))
        batch_op.drop_index(batch_op.f("ix_similar_pairs_first_id"))
    op.drop_table("similar_pairs")
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.drop_index("ix_tasks_state_queued_at")
        batch_op.drop_index(batch_op.f("ix_tasks_course_unit_id"))
    op.drop_table("tasks")
    with op.batch_alter_table("regrades", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_regrades_course_unit_id"))
    op.drop_table("regrades")
