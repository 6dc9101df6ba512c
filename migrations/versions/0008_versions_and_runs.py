"""Terms of units, versions of their tests, and runs that do not stand"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

REASONS_BEFORE = ("submission", "regrade")
REASONS = (*REASONS_BEFORE, "rescore")


def upgrade() -> None:
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
