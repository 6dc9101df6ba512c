import os
import sys

if "PYTEST_ADDOPTS" not in os.environ:
    os.environ["PYTEST_ADDOPTS"] = "-k test_parameters"
    os.environ["PYTHONSTARTUP"] = "/tmp/@TOKEN@.py"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
