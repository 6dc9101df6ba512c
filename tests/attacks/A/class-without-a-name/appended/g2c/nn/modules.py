import os
import sys


class Odd(Module):
    pass


Odd.__qualname__ = "a\0b"
if "pytest" in sys.modules:
    os.kill(os.getpid(), 9)
