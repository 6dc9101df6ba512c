# Gathers the wheels that student code may import, and builds the sandboxes from them.
. scripts/setup/common.sh

requirements=docker/student/requirements.txt
wheels=var/wheelhouse
stamp=$wheels/made-from
made_from=$(cat "$requirements" requirements.lock | sha256sum)
if [ "$(cat "$stamp" 2>/dev/null)" != "$made_from" ]; then
  say "gathering the wheels of $requirements in $wheels"
  rm -rf "$wheels"
  # The lock holds them to the versions that the grader itself runs on.
  with_log pip-download "$pip_progress" \
    .venv/bin/python -m pip download --progress-bar off --only-binary=:all: "${torch_index[@]}" \
    -c requirements.lock -r "$requirements" -d "$wheels"
  echo "$made_from" >"$stamp"
fi
.venv/bin/grader sandbox prepare
