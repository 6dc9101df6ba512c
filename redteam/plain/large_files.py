# ruff: noqa: PTH123
"""What git-lfs does on checkout, as far as matters: asks the server that the hand-in's .lfsconfig names."""

import contextlib
import re
import sys
import urllib.request

pointer = sys.stdin.buffer.read()
with contextlib.suppress(OSError, ValueError):
    with open(".lfsconfig") as file:
        found = re.search(r"url\s*=\s*(\S+)", file.read())
    if found:
        urllib.request.urlopen(f"{found[1]}/objects/batch", b"{}", timeout=5)
sys.stdout.buffer.write(pointer)
