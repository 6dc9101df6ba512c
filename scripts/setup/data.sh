# Fetches MNIST, once, and checks it.
. scripts/setup/common.sh

.venv/bin/grader data fetch
