#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the image: everything that grading needs is installed here.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$source_dir"

# The hidden tests are for root alone: student code runs as another user, who is not even shown this folder.
chmod 700 "$source_dir"

# An index with a smaller torch, if one was named at the export.
torch_index=@TORCH_INDEX@
if [ -n "$torch_index" ]; then export PIP_EXTRA_INDEX_URL="$torch_index"; fi

export DEBIAN_FRONTEND=noninteractive
if ! command -v bwrap >/dev/null; then
    apt-get update && apt-get install -y --no-install-recommends bubblewrap libseccomp2
fi

# The grader needs Python 3.11: the system's, or else one of its own.
python=$(command -v python3.11 || true)
if [ -z "$python" ]; then
    apt-get update && apt-get install -y --no-install-recommends python3-venv
    python3 -m venv .uv
    .uv/bin/pip install --no-cache-dir uv
    UV_PYTHON_INSTALL_DIR="$source_dir/.python" .uv/bin/uv python install 3.11
    python=$(UV_PYTHON_INSTALL_DIR="$source_dir/.python" .uv/bin/uv python find --managed-python 3.11)
fi
if ! "$python" -m venv .venv; then
    apt-get update && apt-get install -y --no-install-recommends python3.11-venv
    "$python" -m venv --clear .venv
fi
.venv/bin/pip install --no-cache-dir -r requirements.txt -c requirements.lock
PYTHONPATH="$source_dir" .venv/bin/python -m grader.gradescope.prepare
