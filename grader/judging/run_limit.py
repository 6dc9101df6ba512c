"""How long a run may take if each of its parts takes as long as it may.

A student's code can wait, sleep and dawdle up to the limits of each part without doing anything that isn't
theirs to do. Only a run that takes longer than all of that together hangs, and that is the grader's failure.
"""

from __future__ import annotations

from grader.judging import mnist
from grader.judging.examiner import IMPORT_WALL_FACTOR
from grader.judging.mnist_runner import LIMITS as MNIST_LIMITS
from grader.remote.importing.control import WARM_TIMEOUT_S
from grader.units import Unit

# For what has short limits of its own: launching sandboxes, ending sessions and sweeping after them,
# reading the source, preparing data. All of it takes seconds; a busy machine takes longer.
MARGIN_S = 600.0


def longest_run_s(unit: Unit) -> float:
    """Return the seconds after which no run of this unit can still be under way, its warm-up included."""
    limits = unit.limits
    import_wall_s = limits.import_cpu_s * IMPORT_WALL_FACTOR
    warm_up_s = 2 * WARM_TIMEOUT_S + import_wall_s  # both sandboxes; the reference is imported
    loading_s = WARM_TIMEOUT_S + 2 * import_wall_s  # in another sandbox, if the first died while it waited
    tests_s = limits.total_wall_s + max(limits.test_wall_s, limits.total_wall_s)  # the last begins in time
    mnist_s = 0.0 if unit.mnist is None else mnist.MAX_RUNS * 2 * MNIST_LIMITS.wall_s  # student, reference
    return warm_up_s + loading_s + tests_s + mnist_s + MARGIN_S
