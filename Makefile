# `make run` and `make test` do all the set-up they need; a second time they start at once.

PYTHON ?= python3
VENV := .venv/bin
# The environment's own interpreter answers fastest; -x is false for a link whose target is gone.
BOOTSTRAP = $$(if [ -x $(VENV)/python ]; then echo $(VENV)/python -S; else echo $(PYTHON); fi) -m tools.bootstrap
# The next-action benchmark and its recordings lie outside the project.
NEXT_ACTION ?= ../shared/bench/next_action.py
RECORDINGS ?= ../shared/data

.DEFAULT_GOAL := help
.PHONY: help run test lint bench screenshots prior clean set-up test-set-up has-python

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
	$(VENV)/python -m mypy

bench: test-set-up  ## Measure and print: store, mind, and the next-action benchmark where its data is there
	@status=0; for file in tests/benchmarks/[a-z]*.py; do \
	  name=$$(basename $$file .py); echo; echo "$$name"; \
	  $(VENV)/python -m tests.benchmarks.$$name || status=1; \
	done; \
	echo; \
	if [ -f "$(NEXT_ACTION)" ] && [ -d "$(RECORDINGS)" ]; then \
	  echo "next_action on $(RECORDINGS)"; \
	  $(VENV)/python "$(NEXT_ACTION)" --data "$(RECORDINGS)" --command "$(VENV)/python -m neural.stream" $(ARGS) || status=1; \
	else \
	  echo "next_action: skipped, there is no $(NEXT_ACTION) or no $(RECORDINGS)"; \
	fi; exit $$status

screenshots: test-set-up  ## Take the README's pictures of the running program again
	$(VENV)/python -m tools.screenshots $(ARGS)

prior: test-set-up  ## Train the shipped weights again: resources/prior.npz
	$(VENV)/python -m tools.prior $(ARGS)

clean:  ## Remove what set-up and tests made here; your data and the built llama.cpp stay
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	find app collectors neural resources tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
