# Starts a Docker engine where one is installed, none answers and we may. Without one, bubblewrap serves.
. scripts/setup/common.sh

pid_file=$PWD/var/run/dockerd.pid
log=var/log/dockerd.log
ready_timeout_s=60

# Asked as the grader asks, so that both mean the same engine.
answers() { .venv/bin/python -c 'import docker; docker.from_env(timeout=5).ping()' >/dev/null 2>&1; }

if answers; then
  say "an engine answers"
  exit 0
fi
if ! has dockerd; then
  say "none is installed; the bubblewrap sandbox serves"
  exit 0
fi
if ! is_root; then
  say "none answers, and only root may start one; the bubblewrap sandbox serves"
  say "To have it, run this as root: service docker start; usermod -aG docker $(id -un)  (then log in again)"
  exit 0
fi

if [ -d /run/systemd/system ]; then
  say "starting the docker service"
  systemctl start docker || true
else
  say "starting dockerd in the background (log: $log)"
  setsid dockerd --pidfile "$pid_file" >"$log" 2>&1 </dev/null &
fi

for ((waited_s = 0; waited_s < ready_timeout_s; waited_s++)); do
  if answers; then
    say "an engine answers after $waited_s s"
    exit 0
  fi
  sleep 1
done
say "it did not answer within $ready_timeout_s s (see $log); the bubblewrap sandbox serves"
