# One word, one job. `make` alone tells which there are; every one of them sets up what it needs by itself.
.DEFAULT_GOAL := help
.PHONY: help run test check faults bench cluster fmt messages lock screenshots clean

# The first Python that is new enough.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$name; exit; fi; \
	done; echo python3)
BOOTSTRAP = exec $(PYTHON) scripts/bootstrap.py

help:  ## Show this list
	@sed -n 's/^\([a-z]*\): .*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

run:  ## Set up and run everything on http://127.0.0.1:8000 (PORT=9000 make run moves it)
	@$(BOOTSTRAP) scripts.run

test:  ## Run all checks and all tests, as CI does
	@$(BOOTSTRAP) --dev scripts.test

check:  ## Run the checks and the fast tests
	@$(BOOTSTRAP) --dev scripts.test check

faults:  ## Break every part while people write: all faults, SEEDS=20 each (ONLY=F-01,F-10 plays those)
	@$(BOOTSTRAP) --dev scripts.faults

bench:  ## Measure Maru beside Socket.IO, ws and others (ONLY=a,b PEERS=ours,socketio REPEATS=1 SECONDS=2 narrow it)
	@$(BOOTSTRAP) --dev scripts.bench

cluster:  ## Run the production topology without Docker: nginx, N=2 web processes, PostgreSQL, Redis, worker, beat
	@$(BOOTSTRAP) --dev scripts.cluster

fmt:  ## Format the sources and repair what the linters can
	@$(BOOTSTRAP) --dev scripts.fmt

messages:  ## Collect the texts to translate and compile the catalogues
	@$(BOOTSTRAP) --dev scripts.catalogues

lock:  ## Write the locked requirements anew (UPGRADE=1 takes newer versions)
	@$(BOOTSTRAP) --dev scripts.lock $(if $(UPGRADE),--upgrade)

screenshots:  ## Take the pictures of docs/screenshots anew
	@$(BOOTSTRAP) --dev scripts.screenshots

clean:  ## Remove what was built and installed; data in var/ stays
	rm -rf .venv static/node_modules static/dist var/static .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find chat -name '*.mo' -delete
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
