"""The nn unit as students get it: given parts work, TODOs say so, nothing else differs from the reference."""

import ast
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
TEMPLATE = CHECKOUT / "student_template" / "nn"
REFERENCE = CHECKOUT / "reference" / "nn"
SOURCES = sorted(path.relative_to(TEMPLATE) for path in (TEMPLATE / "g2c").rglob("*.py"))

GIVEN = {
    "test_module_call_runs_forward",
    "test_module_has_no_parameters_of_its_own",
    "test_module_forward_is_left_to_the_layers",
    "test_linear_shapes_of_W_and_b",
    "test_linear_starts_with_small_weights_and_zero_bias",
    "test_linear_parameters_ask_for_gradients",
    "test_activations_have_no_parameters",
    "test_sequential_keeps_its_layers",
    "test_sequential_parameters_in_layer_order",
    "test_mse_hand_computed",
    "test_mse_gradient",
    "test_sgd_keeps_parameters_from_a_generator",
    "test_sgd_zero_grad",
    "test_sgd_zero_grad_without_gradients",
}
TODO = {
    "Linear.forward",
    "ReLU.forward",
    "Tanh.forward",
    "Sigmoid.forward",
    "Sequential.forward",
    "CrossEntropyLoss.forward",
    "SGD.step",
    "train_linear_regression",
    "build_2d_classifier",
    "accuracy_from_logits",
    "train_classifier",
    "build_mnist_mlp",
    "train_one_epoch",
    "evaluate_accuracy",
}


def run_tests(folder, report, *arguments):
    """Run pytest as a student would; return {test name: None, or the message of its failure}."""
    subprocess.run(
        [sys.executable, "-m", "pytest", "tests/test_nn.py", f"--junit-xml={report}", *arguments],
        cwd=folder,
        capture_output=True,
    )
    outcomes = {}
    for case in ElementTree.parse(report).iter("testcase"):
        failure = case.find("failure")
        outcomes[case.get("name")] = None if failure is None else failure.get("message")
    return outcomes


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A student's fresh copy of the template."""
    folder = tmp_path_factory.mktemp("student") / "nn"
    shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    return folder


def functions(path):
    """Return {qualified name: (signature and docstring, body)} of every function in a file, as source."""
    found = {}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    owners = [("", tree)] + [(f"{n.name}.", n) for n in tree.body if isinstance(n, ast.ClassDef)]
    for prefix, owner in owners:
        for node in owner.body:
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                head = (ast.unparse(node.args), ast.unparse(node.returns or ast.Constant(None)))
                text = "\n".join(ast.unparse(statement) for statement in body)
                found[prefix + node.name] = ((*head, ast.get_docstring(node)), text)
    return found


def test_given_tests_pass_from_the_start_and_all_others_name_their_todo(template, tmp_path):
    outcomes = run_tests(template, tmp_path / "report.xml")
    assert {name for name, message in outcomes.items() if message is None} == GIVEN
    failures = {name: message for name, message in outcomes.items() if message is not None}
    assert len(failures) == 39
    for name, message in failures.items():
        assert message.startswith("NotImplementedError: TODO: "), name


def test_reference_passes_everything_with_warnings_as_errors(tmp_path):
    outcomes = run_tests(REFERENCE, tmp_path / "report.xml", "-W", "error", "-p", "no:cacheprovider")
    assert len(outcomes) == 53
    assert set(outcomes.values()) == {None}


def test_k_linear_selects_the_linear_tests_only(template, tmp_path):
    outcomes = run_tests(template, tmp_path / "report.xml", "-k", "linear")
    assert len(outcomes) == 6
    assert all(name.startswith("test_linear_") for name in outcomes)


def test_x_stops_at_the_first_failure(template, tmp_path):
    outcomes = run_tests(template, tmp_path / "report.xml", "-x", "-v")
    assert [message is None for message in outcomes.values()].count(False) == 1


@pytest.mark.parametrize("name", ["tests/test_nn.py", "pyproject.toml"])
def test_template_and_reference_share_tests_and_configuration(name):
    assert (TEMPLATE / name).read_bytes() == (REFERENCE / name).read_bytes()


def test_template_and_reference_have_the_same_modules():
    solved = sorted(path.relative_to(REFERENCE) for path in (REFERENCE / "g2c").rglob("*.py"))
    assert solved == SOURCES


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_only_bodies_of_todos_differ(source):
    given, solved = functions(TEMPLATE / source), functions(REFERENCE / source)
    assert given.keys() == solved.keys()
    for name in given:
        assert given[name][0] == solved[name][0], f"{name}: signature and docstring must agree"
        if name in TODO:
            assert given[name][1] == f"raise NotImplementedError('TODO: {name} in {source.as_posix()}')"
        else:
            assert given[name][1] == solved[name][1], f"{name} is given, so its bodies must agree"


def test_every_todo_exists():
    assert set().union(*(functions(TEMPLATE / source) for source in SOURCES)) >= TODO


def test_course_code_never_imports_the_grader():
    for path in [*TEMPLATE.rglob("*.py"), *REFERENCE.rglob("*.py"), *TEMPLATE.rglob("*.ipynb")]:
        assert "import grader" not in path.read_text(encoding="utf-8")
        assert "from grader" not in path.read_text(encoding="utf-8")
