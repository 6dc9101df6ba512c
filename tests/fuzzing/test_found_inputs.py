"""What fuzzing found, each kept as an input that once broke the product, and named for what it does."""

import gc
from pathlib import Path

import pytest

from redteam.fuzzing import decoder
from redteam.fuzzing.corpus import read_corpus
from redteam.fuzzing.targets import TARGETS

FOUND = Path(__file__).parent / "found"


@pytest.mark.parametrize(
    "path", sorted(FOUND.glob("*/*")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_what_once_broke_it(path):
    TARGETS[path.parent.name].load_run()(path.read_bytes())


@pytest.mark.parametrize(("name", "run"), [("decoder", decoder.listen), ("session", decoder.converse)])
def test_a_session_that_is_over_is_freed(name, run):
    """Autograd's hooks, tracebacks and finalizers once held sessions, and all their tensors, for ever."""
    for data in read_corpus(name).values():
        run(data)
    gc.collect()
    assert [one for one in gc.get_objects() if type(one) is decoder.WatchedSession] == []
