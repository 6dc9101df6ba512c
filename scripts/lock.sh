#!/usr/bin/env bash
# Writes requirements.lock: every version that pyproject.toml's pins bring along, found in an empty environment.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup/common.sh

environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
mkdir -p var/log
"$(find_python)" -m venv "$environment"
pip=("$environment/bin/python" -m pip)
with_log pip-lock "$pip_progress" \
  "${pip[@]}" install --progress-bar off "${torch_index[@]}" "$(sed -n 's/^requires = \["\(.*\)"\]$/\1/p' pyproject.toml)"
with_log pip-lock "$pip_progress" \
  "${pip[@]}" install --progress-bar off "${torch_index[@]}" --no-build-isolation '.[dev]'
{
  echo "# Derived from pyproject.toml by 'make lock'; do not edit."
  # A build tag such as +cpu is the choice of whoever installs, not ours.
  "${pip[@]}" freeze --all --exclude pip --exclude grader | sed 's/+cpu$//'
} >requirements.lock
