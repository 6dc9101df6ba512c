# The two commands that matter to a newcomer are `make demo` and `make test`.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup runtime environment serve demo test check lint types format gate bench redteam lock clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

setup: ## set up all that is needed; done already, it takes a moment
	@scripts/setup.sh

runtime: ## set up what grading and serving need, without what only the tests need
	@scripts/setup.sh python packages environment engine sandboxes data

environment: ## set up the Python environment in .venv/ alone
	@scripts/setup.sh python environment

serve: runtime ## set up, then run the service: web server and worker, until Ctrl-C
	@.venv/bin/grader serve

demo: runtime ## set up, then fill a demo course, grade it on real MNIST and show reports and pages
	@.venv/bin/grader demo

test: setup ## set up, then run all tests (ARGS="-k sandbox" for some)
	.venv/bin/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile $(ARGS)

check: lint types test ## all that CI checks: lint, format, types, tests

lint: environment ## ruff's rules and format
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: environment ## mypy --strict on grader/
	.venv/bin/mypy

format: environment ## mend what ruff can mend
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

gate: setup ## prove the tests of unit nn on all sample submissions, which takes long
	.venv/bin/grader unit check nn

bench: setup ## measure the grader beside a plain baseline
	.venv/bin/python -m bench

redteam: setup ## run every attack on plain harnesses and on the grader (ARGS="--section A" for some)
	.venv/bin/python -m redteam $(ARGS)

lock: ## rewrite requirements.lock from the pins in pyproject.toml
	@scripts/lock.sh

clean: ## remove .venv/, var/ and caches, and stop the engine that set-up started
	@scripts/stop_engine.sh
	rm -rf .venv var build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
