# Finds Python 3.11 with the venv module.
. scripts/setup/common.sh

python=$(find_python) || fail "Python 3.11 was not found." \
  "on Debian 12, 'apt-get install python3.11 python3.11-venv' as root; elsewhere, install Python 3.11 and run this again with PYTHON=/path/to/python3.11"

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  if is_root && has apt-get; then
    say "installing python3.11-venv"
    apt_install python3.11-venv
  else
    fail "$python lacks the venv module." "run this as root: apt-get install python3.11-venv"
  fi
fi
say "$("$python" --version) at $python"
