#!/usr/bin/env bash
# Stops the Docker engine that scripts/setup/engine.sh started, and no other.
set -euo pipefail
cd "$(dirname "$0")/.."

pid=$(cat var/run/dockerd.pid 2>/dev/null) || exit 0
[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] || exit 0
echo "stopping the Docker engine that set-up started"
kill "$pid"
for ((waited_s = 0; waited_s < 30; waited_s++)); do
  kill -0 "$pid" 2>/dev/null || exit 0
  sleep 1
done
echo "it has not stopped after 30 s (process $pid)" >&2
exit 1
