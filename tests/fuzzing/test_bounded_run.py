"""The targets of redteam/fuzzing, for a few seconds: the kept corpus, mutants of it with a fixed seed, and
the worker itself. Campaigns of millions of inputs are run by hand: see docs/reference/fuzzing.md.
"""

import os
import random
import subprocess
import sys
import time

import pytest

from redteam.fuzzing.corpus import read_corpus
from redteam.fuzzing.tally import Tally
from redteam.fuzzing.targets import TARGETS

SEED = 20
MUTANTS = 2_000
BUDGET_S = 3.0  # of CPU time; a slow machine runs fewer mutants
LEAST_MUTANTS = 200


def flipped(data: bytes, max_size: int) -> bytes:
    """In place of libFuzzer's own mutations."""
    place = len(data) // 2
    return data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :] if data else b"\0"


@pytest.mark.parametrize("name", TARGETS)
def test_the_kept_corpus_and_its_mutants(name):
    target, rng = TARGETS[name], random.Random(SEED)
    run, mutate = target.load_run(), target.load_mutator()
    corpus = list(read_corpus(name).values())
    assert len(corpus) > 50
    for data in corpus:
        run(data)
    stop_s, done = time.process_time() + BUDGET_S, 0
    while done < MUTANTS and (done < LEAST_MUTANTS or time.process_time() < stop_s):
        run(mutate(rng.choice(corpus), target.max_input_bytes, rng.getrandbits(31), flipped))
        done += 1


@pytest.mark.skipif(sys.platform != "linux", reason="Atheris has wheels for Linux only")
def test_a_worker_counts_what_it_runs_and_goes_on_where_it_was(tmp_path):
    (tmp_path / "corpus").mkdir()
    for name, data in read_corpus("decoder").items():
        (tmp_path / "corpus" / name).write_bytes(data)
    counts = []
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "redteam.fuzzing.worker", "decoder", str(tmp_path), "300", seed]
        done = subprocess.run(
            command, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, check=False
        )
        assert done.returncode == 0
        counts.append(Tally(tmp_path / "tally").inputs)
    assert 0 < counts[0] < counts[1] < 600
    assert list((tmp_path / "found").iterdir()) == []
