# Makes .venv with the versions of requirements.lock and this project in it, and again when those change.
. scripts/setup/common.sh

stamp=.venv/made-from
made_from=$(cat requirements.lock pyproject.toml | sha256sum)
if [ "$(cat "$stamp" 2>/dev/null)" = "$made_from" ] && [ -x .venv/bin/grader ]; then
  say "up to date"
  exit 0
fi

python=$(find_python)
if ! [ -x .venv/bin/pip ]; then
  say "creating .venv"
  "$python" -m venv --clear .venv
fi
say "installing requirements.lock"
with_log pip-install "$pip_progress" \
  .venv/bin/python -m pip install --progress-bar off "${torch_index[@]}" -r requirements.lock
say "installing the grader"
with_log pip-install-grader 'Successfully installed.*' \
  .venv/bin/python -m pip install --no-deps --no-build-isolation -e .
echo "$made_from" >"$stamp"
