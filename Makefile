# `make run` and `make test` do all the set-up they need; a second time they start at once.

PYTHON ?= python3
VENV := .venv/bin
# The environment's own interpreter answers fastest; -x is false for a link whose target is gone.
BOOTSTRAP = $$(if [ -x $(VENV)/python ]; then echo $(VENV)/python -S; else echo $(PYTHON); fi) -m tools.bootstrap
# Recorded behaviour of other people, outside the project: shipped weights and the next-action benchmark come from it.
RECORDINGS ?= ../shared/data
FROM_RECORDINGS := mind.next_action mind.hindsight
RUNNABLE := $(shell grep -l '^def main' $(addprefix tests/benchmarks/,$(addsuffix /*.py,mind program senses store)))
BENCHMARKS := $(filter-out $(FROM_RECORDINGS),$(subst /,.,$(patsubst tests/benchmarks/%.py,%,$(RUNNABLE))))

.DEFAULT_GOAL := help
.PHONY: help run test lint bench findings screenshots prior clean set-up test-set-up has-python

help:  ## Show this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name text; do \
	  printf '%-18s %s\n' "$$name" "$$text"; done

set-up test-set-up: has-python

has-python:
	@command -v $(PYTHON) >/dev/null || \
	  { echo "Python 3.11, 3.12 or 3.13 is needed: sudo apt-get install python3" >&2; exit 1; }

set-up:
	@$(BOOTSTRAP) run

test-set-up:
	@$(BOOTSTRAP) test

run: set-up  ## Start the program; without a display it runs headless. Options: ARGS="--headless"
	@exec $(VENV)/kryptic run $(ARGS)

test: lint  ## Check style and types, then run every test. Options: ARGS="tests/app -k store"
	$(VENV)/python -m pytest $(ARGS)

lint: test-set-up  ## Check style and types alone
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/lint-imports --no-cache
	$(VENV)/python -m mypy

bench: test-set-up  ## Measure and print. The store at full size: ACTIONS=10000000; its growth over ten years, hours: YEARS=10
	@status=0; for name in $(BENCHMARKS); do \
	  printf '\n%s\n' "$$name"; $(VENV)/python -m tests.benchmarks.$$name || status=1; \
	done; \
	for name in $(FROM_RECORDINGS); do \
	  printf '\n%s\n' "$$name"; \
	  if [ -d "$(RECORDINGS)" ]; then $(VENV)/python -m tests.benchmarks.$$name --data "$(RECORDINGS)" || status=1; \
	  else echo "skipped: there are no recordings in $(RECORDINGS)"; fi; \
	done; exit $$status

findings:  ## Run every script of findings/; each fails if the surprise is no longer there
	@status=0; for script in findings/*.sh; do echo "$$script"; sh "$$script" || status=1; done; exit $$status

screenshots: test-set-up  ## Take the README's pictures of the running program again
	$(VENV)/python -m tools.screenshots $(ARGS)

prior: test-set-up  ## Train the shipped weights again, resources/prior.npz, from the recordings
	$(VENV)/python -m neural.prior --data "$(RECORDINGS)" --out resources/prior.npz $(ARGS)

clean:  ## Remove what set-up and tests made here; your data and the built llama.cpp stay
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	find app collectors neural resources tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
