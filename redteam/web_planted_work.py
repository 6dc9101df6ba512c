"""What a student's work says: results, live events, problems, names of files, code, notebooks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from grader.db.models import (
    RunEvent,
    RunState,
)
from grader.judging.result import Hint, Rejection, ReviewFlag
from redteam.web_planting import LOSS, Planter, code_pages
from redteam.web_target import Shown
from tests.cast import half_done
from tests.people import make_run, make_submission
from tests.reading.hand_ins import code, display, markdown, notebook, packed
from tests.results.events import EVENTS


def _message(planter: Planter, texts: list[str]) -> list[Shown]:
    """Exception texts, assertion messages, hints, flags, notes: all that a report quotes."""
    result = half_done()
    whole = "\n".join(texts)
    tests = tuple(
        replace(test, message=texts[number % len(texts)], hint=Hint("x", texts[number % len(texts)]))
        for number, test in enumerate(result.tests)
    )
    planted = planter.graded(
        replace(
            result,
            tests=tests,
            review=tuple(ReviewFlag("off-limits-api", LOSS, 1, text) for text in texts),
            notes=tuple(texts),
            ignored=tuple(texts),
            rejected=tuple(Rejection("x", text, text) for text in texts),
            provenance={**result.provenance, "platform": whole},
        )
    )
    return _report_pages(planted)


def _test_name(planter: Planter, texts: list[str]) -> list[Shown]:
    result = half_done()
    named = [replace(result.tests[0], id=f"tests/test_nn.py::test_x[{text}]", group=text) for text in texts]
    return _report_pages(planter.graded(replace(result, tests=(*result.tests, *named))))


def _report_pages(public_id: str) -> list[Shown]:
    page = f"/submissions/{public_id}"
    ends = ("", "/report.html", "/report.json", "/report.xml", "/report.gradescope.json")
    both = [Shown(person, page + end) for person in ("student", "staff") for end in ends]
    more = ("/log", "/code", "/diff")
    desk = ("review", "nn/analytics", "gradebook")
    return [
        *both,
        *(Shown("staff", page + end) for end in more),
        *(Shown("staff", f"/courses/dl/{each}") for each in desk),
    ]


def _live(planter: Planter, texts: list[str]) -> list[Shown]:
    """Events of a run that goes on: on its page, in its fragment, in its stream."""
    with planter.database.writing() as session:
        submission = make_submission(session, planter.world.unit, planter.world.ada, packed())
        run = make_run(session, submission, state=RunState.RUNNING)
        for number, kind, data in EVENTS[:-2]:
            text, said = texts[number % len(texts)], json.loads(json.dumps(data))
            if kind == "test":
                said["result"] |= {"id": f"tests/test_nn.py::test[{text}]", "message": text, "group": text}
            elif kind == "phase":
                said["title"] = " ".join(texts)
            session.add(RunEvent(run_id=run.id, fence=run.fence, number=number, kind=kind, data=said))
        path = f"/submissions/{submission.public_id}"
    return [Shown(person, path + end) for person in ("student", "staff") for end in ("", "/progress")]


def _problem(planter: Planter, texts: list[str]) -> list[Shown]:
    with planter.database.writing() as session:
        submission = make_submission(session, planter.world.unit, planter.world.ada, packed())
        make_run(session, submission, state=RunState.PROBLEM, problem=" ".join(texts))
        path = f"/submissions/{submission.public_id}"
    return [Shown("student", path), Shown("staff", path), Shown("staff", f"{path}/log")]


def _upload_name(planter: Planter, texts: list[str]) -> list[Shown]:
    ids = [planter.graded(half_done(), filename=text) for text in texts]
    pages = [Shown("staff", f"/submissions/{each}") for each in ids]
    return [*pages, Shown("student", "/courses/dl/nn/"), Shown("staff", "/courses/dl/nn/submissions")]


def _path(planter: Planter, texts: list[str]) -> list[Shown]:
    files = {f"g2c/nn/{text}{end}": b"x = 1\n" for text in texts for end in (".py", ".txt", ".ipynb")}
    return code_pages(planter.submission(files))


def _code(planter: Planter, texts: list[str]) -> list[Shown]:
    source = "\n".join(f"x = 1  # {text}\ny = '''{text}'''\n{text}" for text in texts)
    return code_pages(planter.submission({LOSS: source.encode(), "g2c/nn/readme.md": source.encode()}))


def _notebook(planter: Planter, texts: list[str]) -> list[Shown]:
    """Texts in markdown cells, in raw ones, in code, and in outputs of every kind."""
    kinds = (
        "text_html",
        "image_svg_xml",
        "text_markdown",
        "text_latex",
        "application_javascript",
        "image_png",
    )
    cells = [markdown(text, "", f"[link]({text})", f"![picture]({text})", f"<{text}>") for text in texts]
    for text in texts:
        outputs = [display(**{kind: text, "text_plain": text}) for kind in kinds]
        outputs += [
            display(**{"application_vnd.jupyter.widget-view+json": {"model_id": text}}),
            {"output_type": "stream", "name": text, "text": [text]},
            {"output_type": "error", "ename": text, "evalue": text, "traceback": [text]},
        ]
        cells.append({**code(text, *outputs), "attachments": {text: {"image/svg+xml": text}}})
        cells.append({"cell_type": "raw", "source": text, "metadata": {"format": "text/html"}})
    book = notebook(*cells, metadata={"title": texts[0], "widgets": {"state": {"x": texts[0]}}})
    public_id = planter.submission({"notebooks/03-nn.ipynb": book})
    page = f"/submissions/{public_id}/notebook"
    return [Shown("student", page), Shown("staff", page)]


Place = Callable[[Planter, list[str]], list[Shown]]
PLACES: dict[str, Place] = {
    "message": _message,
    "test-name": _test_name,
    "live": _live,
    "problem": _problem,
    "upload-name": _upload_name,
    "path": _path,
    "code": _code,
    "notebook": _notebook,
}
