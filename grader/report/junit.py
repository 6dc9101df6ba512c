"""The JUnit report: what GitHub, GitLab and Jenkins read to show results in their own pages.

One test suite per exercise. A wrong answer is a `failure`; a crash or a limit that was
reached is an `error`. A hand-in that was refused, or a problem of ours, is one suite with an
error for each reason. Score and MNIST figures are properties of every suite, because the
format has no place for them above.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from grader.judging.result import GradingResult, Outcome, Status, TestResult
from grader.report import numbers, summary, text, words


def render_junit(result: GradingResult) -> str:
    """Return the result as a JUnit XML document that holds no character XML forbids."""
    root = ElementTree.Element("testsuites", name=text.clean_line(result.unit))
    run_properties = _run_properties(result)
    if result.status is Status.REJECTED:
        reasons = [(text.clean_line(r.path) or "hand-in", r.code, r.text) for r in result.rejected]
        root.append(_suite_of_errors("intake", reasons, run_properties))
    elif result.status is Status.GRADER_PROBLEM:
        root.append(
            _suite_of_errors("grader", [("grader", "grader-problem", result.problem)], run_properties)
        )
    for group in summary.groups(result):
        points = {"points": _figure(group.points), "max_points": _figure(group.max_points)}
        cases = [_case(test) for test in group.tests]
        root.append(_suite(group.name, cases, {**run_properties, **points}))
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("time", _time(numbers.total(test.duration_s for test in result.tests)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _run_properties(result: GradingResult) -> dict[str, str]:
    properties = {
        "unit": text.clean_line(result.unit),
        "status": result.status.value,
        "score": _figure(result.score),
        "max_score": _figure(result.max_score),
    }
    if result.mnist is not None:
        mnist = result.mnist
        finished = summary.is_finished(mnist)
        properties |= {
            "mnist_outcome": mnist.outcome.value,
            "mnist_accuracy": _figure(mnist.accuracy if finished else None),
            "mnist_cpu_s": _figure(mnist.cpu_s),
            "mnist_reference_cpu_s": _figure(mnist.reference_cpu_s),
            "mnist_ratio": _figure(mnist.ratio if finished else None),
        }
    return properties


def _suite(
    name: str, cases: Sequence[ElementTree.Element], properties: dict[str, str]
) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=text.clean_line(name), tests=str(len(cases)))
    for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", _time(numbers.total(float(case.get("time", "0")) for case in cases)))
    listed = ElementTree.SubElement(suite, "properties")
    for key, value in properties.items():
        ElementTree.SubElement(listed, "property", name=key, value=value)
    suite.extend(cases)
    return suite


def _case(test: TestResult) -> ElementTree.Element:
    file, _, name = text.clean_line(test.id).partition("::")
    class_name = file.removesuffix(".py").replace("/", ".")
    case = ElementTree.Element(
        "testcase", classname=class_name, name=name or file, time=_time(test.duration_s)
    )
    if test.outcome is Outcome.PASSED:
        return case
    if test.outcome is Outcome.SKIPPED:
        ElementTree.SubElement(case, "skipped", message=text.clean_line(test.message))
        return case
    tag = "failure" if test.outcome is Outcome.FAILED else "error"
    message = text.clean_line(test.message) or words.OUTCOME_WORDS[test.outcome]
    node = ElementTree.SubElement(case, tag, type=test.outcome.value, message=message)
    hint = (
        ""
        if test.hint is None
        else f"\nHint ({text.clean_line(test.hint.code)}): {text.clean(test.hint.text)}"
    )
    node.text = text.clean(test.message) + hint
    return case


def _suite_of_errors(
    name: str, reasons: list[tuple[str, str, str]], properties: dict[str, str]
) -> ElementTree.Element:
    cases = []
    for place, code, reason in reasons:
        case = ElementTree.Element("testcase", classname=name, name=place, time="0.000")
        error = ElementTree.SubElement(
            case, "error", type=text.clean_line(code), message=text.clean_line(reason)
        )
        error.text = text.clean(reason)
        cases.append(case)
    return _suite(name, cases, properties)


def _time(value: object) -> str:
    return f"{numbers.finite(value, 0.0) or 0.0:.3f}"


def _figure(value: object) -> str:
    number = numbers.finite(value)
    return "" if number is None else f"{number:.6g}"
