"""`grader demo`: three hand-ins of the unit `nn`, graded for real, with reports to look at."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from grader.grading import grade_path
from grader.judging.result import Status
from grader.report.files import write_reports
from grader.report.terminal import TerminalReport
from grader.settings import Settings

UNIT = "nn"
SEED = 3
FINISHED_FIRST = ("modules.py", "loss.py")  # what the half-done hand-in has solved
FORGOTTEN_LINE = "        optimizer.zero_grad()\n"  # what the wrong hand-in lacks


def run_demo(
    out_dir: Path, sandbox: str | None, settings: Settings, console: Console, progress: Callable[[str], None]
) -> bool:
    """Grade the reference, a half-done and a wrong hand-in; print the reports and write them to `out_dir`.

    Returns whether all three could be graded.
    """
    graded = True
    template = settings.units_root / "student_template" / UNIT
    reference = settings.units_root / "reference" / UNIT
    with tempfile.TemporaryDirectory(prefix="grader-demo-") as scratch:
        hand_ins = {
            "reference": ("The reference solution", reference),
            "half-done": (
                "A half-done hand-in: layers and losses work",
                _half_done(template, reference, Path(scratch)),
            ),
            "wrong": ("A wrong hand-in: zero_grad is forgotten", _wrong(reference, Path(scratch))),
        }
        for name, (title, folder) in hand_ins.items():
            console.rule(title)
            with TerminalReport(console) as report:
                result, unit_title = grade_path(
                    folder, UNIT, sandbox, settings, report.on_event, progress, seed=SEED, with_mnist=True
                )
                report.print_report(result)
            graded = graded and result.status == Status.GRADED
            write_reports(result, unit_title, str(out_dir / f"{name}.json"), None, out_dir / f"{name}.html")
    console.rule("Reports with pictures")
    for name in hand_ins:
        console.print(f"  {out_dir / name}.html", soft_wrap=True)
    return graded


def _half_done(template: Path, reference: Path, scratch: Path) -> Path:
    folder = Path(shutil.copytree(template / "g2c", scratch / "half-done" / "g2c")).parent
    for name in FINISHED_FIRST:
        shutil.copyfile(reference / "g2c" / "nn" / name, folder / "g2c" / "nn" / name)
    return folder


def _wrong(reference: Path, scratch: Path) -> Path:
    folder = Path(shutil.copytree(reference / "g2c", scratch / "wrong" / "g2c")).parent
    file = folder / "g2c" / "nn" / "train.py"
    file.write_text(file.read_text(encoding="utf-8").replace(FORGOTTEN_LINE, ""), encoding="utf-8")
    return folder
