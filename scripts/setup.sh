#!/usr/bin/env bash
# Sets up all that the grader needs, step by step; a step that is done already costs next to nothing.
#
#   scripts/setup.sh                       all steps, in order
#   scripts/setup.sh python environment    only these
#
# Each step is a script of its own in scripts/setup/. Whatever a step fetches or builds goes to
# .venv/ and var/; its full output to var/log/.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p var/log var/run

declare -A TITLES=(
  [python]="Python 3.11"
  [packages]="system packages"
  [environment]="Python environment in .venv/"
  [engine]="Docker engine"
  [sandboxes]="sandboxes for student code"
  [data]="MNIST"
  [tests]="what only the tests need"
)
steps=(python packages environment engine sandboxes data tests)
[ $# -eq 0 ] || steps=("$@")

number=0
for step in "${steps[@]}"; do
  number=$((number + 1))
  printf '[%d/%d] %s\n' "$number" "${#steps[@]}" "${TITLES[$step]}"
  start_ms=$(date +%s%3N)
  if ! bash "scripts/setup/$step.sh"; then
    printf '\nSet-up stopped here. Mend what is said above and run the same command again.\n' >&2
    exit 1
  fi
  took_ms=$(($(date +%s%3N) - start_ms))
  printf '      done in %d.%01d s\n' $((took_ms / 1000)) $((took_ms % 1000 / 100))
done
