#!/usr/bin/env bash
# Opens an exercise notebook:             ./noteboosh.sh 03
# Archives your notebook, starts afresh:  ./noteboosh.sh --fresh 03
#
# Your notebooks are in notebooks/, pristine copies in notebooks/.pristine/ and archived work in
# notebooks/archive/. Nothing is ever deleted. Runs on the bash 3.2 of macOS too.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
notebooks=$root/notebooks
pristine=$notebooks/.pristine

fail() { # message, exit code
  printf '%s\n' "$1" >&2
  exit "$2"
}

usage="Usage: ./noteboosh.sh 03           open exercise notebook 03
       ./noteboosh.sh --fresh 03   archive your notebook 03 and open a fresh one"

find_notebook() { # folder, number; prints the path of notebook NUMBER-*.ipynb, if there is one
  local path
  for path in "$1/$2"-*.ipynb; do
    if [ -f "$path" ]; then
      printf '%s\n' "$path"
      return
    fi
  done
}

list_notebooks() { # prints the names of all notebooks, one a line
  local path
  for path in "$notebooks"/[0-9]*-*.ipynb "$pristine"/[0-9]*-*.ipynb; do
    if [ -f "$path" ]; then
      printf '  %s\n' "$(basename "$path" .ipynb)"
    fi
  done | sort -u
}

archive() { # path; moves the notebook to a name in the archive that no other has
  local stem target count
  stem=$notebooks/archive/$(basename "$1" .ipynb)-$(date +%Y-%m-%d-%H%M%S)
  target=$stem.ipynb
  count=2
  mkdir -p "$notebooks/archive"
  while [ -e "$target" ]; do
    target=$stem-$count.ipynb
    count=$((count + 1))
  done
  mv "$1" "$target"
  printf 'Your notebook is kept in %s\n' "${target#"$root"/}"
}

restore() { # name; puts the pristine notebook in place, whole or not at all
  cp "$pristine/$1" "$notebooks/.$1.new"
  mv "$notebooks/.$1.new" "$notebooks/$1"
  printf 'A fresh notebooks/%s is in place\n' "$1"
}

open_with() { # a jupyter command; becomes Jupyter if that command has Lab or Notebook
  local app
  for app in lab notebook; do
    if "$@" "$app" --version >/dev/null 2>&1; then
      exec "$@" "$app" "$notebooks/$name"
    fi
  done
}

fresh=no
if [ "${1:-}" = --fresh ]; then
  fresh=yes
  shift
fi
case "$#:${1:-}" in
  1:-h | 1:--help)
    printf '%s\n' "$usage"
    exit 0
    ;;
  1:*[!0-9]* | 1:) fail "$usage" 2 ;;
  1:*) number=$(printf '%02d' "$((10#$1))") ;;
  *) fail "$usage" 2 ;;
esac

mine=$(find_notebook "$notebooks" "$number")
original=$(find_notebook "$pristine" "$number")
if [ -z "$mine$original" ]; then
  fail "There is no notebook $number. These exist:
$(list_notebooks)" 1
fi
if [ $fresh = yes ] && [ -z "$original" ]; then
  fail "There is no pristine copy of notebook $number in notebooks/.pristine/, so yours was left alone." 1
fi
name=$(basename "${mine:-$original}")

if [ $fresh = yes ] && [ -n "$mine" ]; then
  archive "$mine"
  mine=
  name=$(basename "$original")
fi
if [ -z "$mine" ]; then
  restore "$name"
fi

# So that the notebook finds g2c, whatever folder Jupyter starts in.
export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
open_with jupyter
open_with "$root/.venv/bin/jupyter"
open_with python -m jupyter
open_with python3 -m jupyter
fail "Jupyter is not installed, so notebooks/$name could not be opened. To fix it:
  source .venv/bin/activate
  python -m pip install jupyterlab
  ./noteboosh.sh $number" 1
