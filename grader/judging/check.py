"""`grader check`: what students run on their own machine before they hand in.

Theory of operation. Four steps, each told apart in the output: would intake accept it, does it
keep to the rules, do the public tests pass, does it learn MNIST? The hand-in is read just as the
grader reads it and written to a temporary folder, so that an archive, a project folder and a folder with
leftovers are all checked as what would be graded. There is no sandbox and no hidden test: the code is
the student's own. All this path imports runs on Linux, macOS and Windows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from grader.datasets import Mnist, load_mnist
from grader.errors import DatasetError, RejectedError
from grader.judging.check_output import CheckOutput
from grader.judging.local_tests import LocalRun, LocalTest, run_public_tests
from grader.judging.public_facts import PublicFacts, load_public_facts
from grader.judging.result import Outcome
from grader.judging.short_mnist import ENOUGH, USUAL, ShortMnist, run_short_mnist
from grader.judging.short_training import EPOCHS
from grader.judging.static_reading import read_sources
from grader.report import numbers, words
from grader.settings import Settings
from grader.submissions.archive import Submission, read_submission

MAX_LISTED = 10
NOT_IMPLEMENTED = "NotImplementedError"


def check_submission(
    path: Path, unit_name: str, settings: Settings, console: Console, *, with_mnist: bool
) -> bool:
    """Check the hand-in at `path` (folder, .zip, .tar.gz) and say what to do; True if all is well.

    Raises UnitError if this installation does not know the unit, and UsageError if nothing is at `path`.
    """
    facts = load_public_facts(unit_name, settings.units_root)
    output = CheckOutput(console)
    output.title(facts.title)
    submission = _check_intake(path, facts, output)
    if submission is None:
        output.end("Not ready yet: this would not be accepted. Change what is listed above and check again.")
        return False
    keeps_rules = _check_rules(submission, facts, output)
    with tempfile.TemporaryDirectory(prefix="grader-check-", ignore_cleanup_errors=True) as scratch:
        folder = _write(submission, Path(scratch).resolve() / "hand-in")
        run = _check_tests(folder, facts, output)
        learns = True
        if with_mnist and facts.mnist is not None:
            learns = _check_mnist(folder, facts, settings, output, importable=not run.problem)
    ready = keeps_rules and _all_passed(run) and learns
    output.end(
        "Ready to hand in. The grader also runs tests that you have not seen, with other numbers."
        if ready
        else "Not everything works yet. You may hand in what you have; what is left costs points."
    )
    return ready


def _write(submission: Submission, folder: Path) -> Path:
    for name, content in submission.files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def _check_intake(path: Path, facts: PublicFacts, output: CheckOutput) -> Submission | None:
    output.heading("Files")
    try:
        submission = read_submission(path, facts.package, facts.required_files)
    except RejectedError as error:
        for rejection in error.rejections:
            output.bad(rejection.text)
        return None
    output.good(f"{words.count(len(submission.files), 'file')} would be accepted.")
    if submission.ignored:
        output.note(f"Left aside, as not needed: {_listed(submission.ignored)}")
    for remark in (*submission.notes, *(flag.text for flag in submission.review)):
        output.note(remark)
    return submission


def _check_rules(submission: Submission, facts: PublicFacts, output: CheckOutput) -> bool:
    output.heading("Rules")
    reading = read_sources(submission.files, facts.package, facts.off_limits, facts.noted)
    for flag in reading.off_limits:
        output.bad(flag.text)
    if reading.off_limits:
        output.note(f"Off limits here: {', '.join(facts.off_limits)}. Write these parts yourself.")
    else:
        output.good("Nothing that is off limits is used.")
    for flag in (*reading.noted, *reading.suspicious):
        output.note(flag.text)
    return not reading.off_limits


def _check_tests(folder: Path, facts: PublicFacts, output: CheckOutput) -> LocalRun:
    output.heading("Public tests")
    with output.busy("Running the tests"), _scratch() as scratch:
        run = run_public_tests(folder, facts.public_tests_path, Path(scratch))
    if run.problem:
        output.bad(run.problem)
        return run
    groups: dict[str, list[LocalTest]] = {}
    for test in run.tests:
        groups.setdefault(facts.group(test.name), []).append(test)
    for group, tests in groups.items():
        _show_group(words.group_title(group), tests, output)
    _show_todos(run.tests, output)
    if any(_failed(test) for test in run.tests):
        output.note(f"For all the numbers of one test: pytest {facts.public_tests} -k NAME")
    return run


def _show_group(title: str, tests: Sequence[LocalTest], output: CheckOutput) -> None:
    passed = sum(test.outcome is Outcome.PASSED for test in tests)
    line = f"{title}: {passed} of {words.count(len(tests), 'test')} passed"
    if passed == len(tests):
        output.good(line)
        return
    output.bad(line)
    for test in filter(_failed, tests):
        output.detail(f"{test.name}\n{test.message}")


def _show_todos(tests: Sequence[LocalTest], output: CheckOutput) -> None:
    """List each part that is still to be written once, however many tests wait for it."""
    todos = dict.fromkeys(
        test.message.partition("\n")[0].removeprefix(NOT_IMPLEMENTED).lstrip(": ")
        for test in tests
        if _is_todo(test)
    )
    if todos:
        output.note(f"{words.count(len(todos), 'part')} still to be written; the tests wait for:")
        for todo in todos:
            output.detail(todo or NOT_IMPLEMENTED)


def _is_todo(test: LocalTest) -> bool:
    return test.message.startswith(NOT_IMPLEMENTED)


def _failed(test: LocalTest) -> bool:
    return test.outcome is not Outcome.PASSED and not _is_todo(test)


def _all_passed(run: LocalRun) -> bool:
    return bool(run.tests) and all(test.outcome is Outcome.PASSED for test in run.tests)


def _check_mnist(
    folder: Path, facts: PublicFacts, settings: Settings, output: CheckOutput, *, importable: bool
) -> bool:
    output.heading("Short MNIST run")
    if not importable:
        output.note("Not run: first the tests have to run to their end.")
        return False
    try:
        with output.busy("Getting MNIST"):
            mnist = load_mnist(settings.mnist_dir)
    except DatasetError as error:
        output.note(f"Left out, which is no fault of your code. {error}")
        return True
    with output.busy("Training"), _scratch() as scratch:
        run = run_short_mnist(folder, facts.package, mnist, Path(scratch))
    _show_mnist(run, facts, mnist, output)
    return run.passed


def _show_mnist(run: ShortMnist, facts: PublicFacts, mnist: Mnist, output: CheckOutput) -> None:
    for number, epoch in enumerate(run.epochs, start=1):
        output.detail(
            f"epoch {number} of {EPOCHS}: loss {numbers.decimal(epoch.train_loss)}, "
            f"accuracy {numbers.percent(epoch.accuracy)}, {numbers.seconds(epoch.cpu_s)}"
        )
    usual = " to ".join(numbers.percent(share) for share in USUAL)
    if run.problem:
        output.bad(run.problem)
    elif not run.passed:
        output.bad(
            f"Too little: at least {numbers.percent(ENOUGH)} is to be expected here, and {usual} is usual. "
            "Look at the failing tests first; then at the loss: does it fall from epoch to epoch?"
        )
    else:
        assert facts.mnist is not None
        images = len(mnist.train_images)
        full_cpu_s = run.full_run_cpu_s(facts.mnist.epochs, images)
        output.good(
            f"It learns: {usual} is usual after so little. The full run takes {images:,} images and "
            f"{facts.mnist.epochs} epochs, about {numbers.seconds(full_cpu_s)} of computing on this "
            f"machine, and must reach {numbers.percent(facts.mnist.threshold)}."
        )


def _scratch() -> tempfile.TemporaryDirectory[str]:
    # Windows may still hold a file of a process that was stopped.
    return tempfile.TemporaryDirectory(prefix="grader-run-", ignore_cleanup_errors=True)


def _listed(paths: Sequence[str]) -> str:
    shown = ", ".join(paths[:MAX_LISTED])
    return shown if len(paths) <= MAX_LISTED else f"{shown} and {len(paths) - MAX_LISTED} more"
