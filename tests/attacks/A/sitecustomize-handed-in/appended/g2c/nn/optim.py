import os
import sys

if os.environ.get("PYTHONPATH", "").split(":")[0] != os.getcwd() and "pytest" in sys.modules:
    os.environ["PYTHONPATH"] = f"{os.getcwd()}:{os.environ.get('PYTHONPATH', '')}"
    os.execv(sys.executable, sys.orig_argv)
