"""What two statements have in common once names, layout and annotations are off."""

import pytest

from grader.similarity.statements import given_names, statements

GIVEN = given_names(["import torch\n\nclass Linear:\n    def forward(self, x):\n        return x\n"])


def forms(source: str) -> list[str]:
    return [each.form for each in statements(source, GIVEN)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("loss = crit(model(x), y)", "wuzi = bago( fe(tu) , ne )  # mine"),
        ("total: float = 0.0", "n = 0.0"),
        ("for a, b in pairs:\n    '''text'''\n    use(a, b)", "for (p, q) in z:\n    w(p, q)"),
        ("print(f'{x} of {n}')", "print('done')"),
        ("with torch.no_grad():\n    y = f(x)", "with torch.no_grad():\n    # all\n    a = b(c)"),
        ("h = lambda v: v + 1", "k = lambda u: u + 1"),
        ("try:\n    f(x)\nexcept ValueError:\n    g(x)", "a(b)\nc(b)"),
    ],
)
def test_the_same_in_disguise(one: str, other: str):
    assert forms(one) == forms(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("y = x.log()", "y = x.exp()"),
        ("y = x - x", "y = x - z"),
        ("net = Linear(1, 1)", "net = Other(1, 1)"),
        ("s = x.sum(dim=1)", "s = x.sum(axis=1)"),
        ("n = 784", "n = 28"),
    ],
)
def test_what_nobody_can_rename_counts(one: str, other: str):
    assert forms(one) != forms(other)


def test_lines_are_those_of_the_file():
    source = (
        "'''Doc.'''\nimport torch\n\ndef f(x):\n    if (x and\n            x):\n"
        "        return torch.stack(\n            [x])\n"
    )
    assert [(each.form, each.first, each.last) for each in statements(source, GIVEN)] == [
        ("if V0 and V0:", 5, 6),
        ("return torch.stack([V0])", 7, 8),
    ]


def test_what_is_valid_of_a_broken_file_counts():
    source = (
        "def f(x):\n    return x.sum()\n\ndef broken(:\n    pass\n\n"
        "class C:\n    def m(self):\n        self.n = 1\n"
    )
    assert [(each.form, each.first) for each in statements(source, GIVEN)] == [
        ("return V0.sum()", 2),
        ("self.n = 1", 9),
    ]
