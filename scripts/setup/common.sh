# What the steps of set-up share; sourced by each, from the project's folder.
set -euo pipefail

# Debian keeps dockerd and debootstrap off an ordinary user's PATH.
export PATH="$PATH:/usr/sbin:/sbin"

say() { printf '      %s\n' "$*"; }

# fail PROBLEM FIX
fail() {
  printf '      Problem: %s\n      To fix it: %s\n' "$1" "$2" >&2
  exit 1
}

has() { command -v "$1" >/dev/null; }

is_root() { [ "$(id -u)" -eq 0 ]; }

# with_log NAME PATTERN COMMAND…: all output goes to var/log/NAME.log; what matches PATTERN, to the screen too.
with_log() {
  local log="var/log/$1.log" pattern="$2"
  shift 2
  if ! "$@" 2>&1 </dev/null | tee "$log" | { grep --line-buffered -oE "$pattern" || true; } | sed -u 's/^/      /'; then
    tail -n 20 "$log" >&2
    fail "this command failed: $*" "read the lines above, or all of them in $log"
  fi
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  with_log apt-update 'Err:.*' apt-get update
  with_log apt-install '(Setting up) [^ ]+' apt-get install -y --no-install-recommends "$@"
}

missing=()

# need PACKAGE PURPOSE TEST…: notes PACKAGE as missing unless the command TEST succeeds.
need() {
  local package="$1" purpose="$2"
  shift 2
  if ! "$@" >/dev/null 2>&1; then
    say "missing: $package ($purpose)"
    missing+=("$package")
  fi
}

# Installs the packages noted as missing where it may, and names them where it may not.
install_missing() {
  if [ ${#missing[@]} -eq 0 ]; then
    say "all there"
  elif is_root && has apt-get; then
    apt_install "${missing[@]}"
  else
    say "To have them, run this as root: apt-get install ${missing[*]}"
    say "Going on without; what can't do without will say so."
  fi
}

# Prints the Python 3.11 to use: $PYTHON if it is set, else the first one on the PATH.
find_python() {
  local candidate
  for candidate in ${PYTHON:-python3.11 python3 python}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

# Extra arguments for pip where PyTorch's CPU wheels come from an index of their own.
torch_index=()
[ -z "${TORCH_INDEX:-}" ] || torch_index=(--extra-index-url "$TORCH_INDEX")

# What of pip's output tells how far it is: what takes time.
pip_progress='(Downloading|Using cached) [^ ]+ \([0-9.]+ [MG]B\)|Installing collected packages'
