"""The clock of the timed MNIST run has no pauses."""

from pathlib import Path

from tests.contract.judging import NN, TRAINING, graded, job_for, short_mnist_bench

BURNING = """
import threading, time, torch

def burn():
    end = time.thread_time() + 1
    while time.thread_time() < end:
        pass

class Dataset(torch.utils.data.TensorDataset):
    def __init__(self, *tensors):
        burn()
        super().__init__(*tensors)

torch.utils.data.TensorDataset = Dataset
"""


def test_the_clock_runs_while_data_are_delivered_and_while_the_other_trains(tmp_path: Path):
    """Else training could be done in a patched tensor class, or in a thread in the reference's turn."""
    text = (NN.reference / "g2c" / "nn" / "train.py").read_text(encoding="utf-8")
    in_the_last_batch = "        len(labels) < 128 and threading.Thread(target=burn).start()\n"
    changed = text.replace("import torch\n", BURNING, 1).replace(TRAINING, in_the_last_batch + TRAINING)
    with short_mnist_bench(tmp_path) as bench:
        found = graded(job_for(NN.reference, with_mnist=True, train=changed), bench).mnist
    assert found is not None and found.outcome == "passed"
    assert found.cpu_s > found.reference_cpu_s + 1.2  # two seconds at least, if not all of them in time
