# Every command a person needs. `make help` lists them; the work is done by `python -m local <command>`.
# Empty: 4566; for `make down`, the only cloud that runs.
PORT ?=
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv/bin
LOCAL := $(VENV)/python -m local $(if $(PORT),--port $(PORT))
# Empty: what runs already on the port, or ministack (and the search engine that goes with it).
CLOUD ?=
SEARCH ?=
SEARCH_PORT ?= 9200
LANES = $(if $(filter all,$(CLOUD)),ministack localstack,$(or $(CLOUD),ministack))
# Empty, or `full`: the long proofs, and the whole suite on LocalStack as well.
PROOF ?=
# Empty, or the setting by which coverage measures what runs, and the processes that it starts.
COVERAGE ?=
PYTEST := $(VENV)/python -m pytest
# Node as set-up has brought it comes before the machine's own: see local/node.py.
export PATH := $(CURDIR)/$(VENV):$(PATH)
# Where this is set, each process compiles the project, and pytest its plugins, again.
unexport PYTHONDONTWRITEBYTECODE
# Tests without a cloud: on two cores, and without the plugin for the API's description, which takes long to import.
UNITS := -n 2 --dist worksteal -p no:schemathesis
SIDE_BY_SIDE = $(MAKE) --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# What the parts consist of.
PART_unit := tests/unit $(UNITS)
PART_hostile := tests/hostile
PART_video := tests/video -n 2
PART_infrastructure := tests/infrastructure
PART_stores := tests/stores -n 2
PART_engines := tests/engines -n 2
# Through the API: everything in the test process, what only a deployed cloud can show on MiniStack and LocalStack.
# The story is told on the deployed clouds. One file, one worker: its tests follow one another.
PART_process = tests/security tests/contract tests/integration -n 2 --dist loadfile $(if $(PROOF),,-m "not reference")
PART_ministack = tests/integration tests/contract tests/security $(if $(PROOF),,-m "(deployed or reference or sampled) and not long")
PART_localstack = tests/integration $(if $(PROOF),,-m reference)

# Lint is for the gate, and for `make check` before each commit. The order in which `make test` runs the parts. The rows run beside each other: what works, and what mostly waits.
WORKING = $(if $(filter all,$(CLOUD)),lint) unit stores hostile infrastructure process video $(if $(filter all,$(CLOUD)),engines)
WAITING = $(LANES) $(if $(filter all,$(CLOUD)),,engines)
COVERED := unit stores video engines process ministack localstack
# Seconds that they may take on two quiet cores. A change may add 30 to `make test`; what takes longer goes to test-full.
BUDGET = $(if $(filter all,$(CLOUD)),1500,600)

.DEFAULT_GOAL := help
.PHONY: help setup up down deploy seed status logs mail redrive counters counters-repair reindex reindex-compare invoke opensearch openapi layers lock lint check \
	format unit infrastructure hostile video stores counters-proof engines process integration load test test-full mutants

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what the project needs into this checkout
	@$(MAKE) --silent --no-print-directory --jobs=2 .venv/.installed node_modules/.installed

.venv/bin/uv: requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (set PYTHON=...)"; exit 1; }
	@test -x $(VENV)/python || $(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt > .venv/uv.txt
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	@touch $@

.venv/.installed: .venv/bin/uv
	@echo "Installing Python packages into .venv"
	@$(VENV)/python -m local.packages requirements-dev.txt
	@touch $@

.venv/.node: local/node.txt | .venv/bin/uv
	@$(VENV)/python -m local.node
	@touch $@

node_modules/.installed: package-lock.json .venv/.node
	@echo "Installing the CDK command line into node_modules"
	@npm ci --silent --no-audit --no-fund
	@touch $@

up: setup ## start the local cloud, deploy, seed (PORT=4566 CLOUD=ministack|localstack SEARCH=osmem|opensearch)
	@$(LOCAL) up --cloud "$(CLOUD)" --search "$(SEARCH)"

down: ## stop the local cloud; without PORT, the only one that runs
	@test ! -x $(VENV)/python || $(LOCAL) down

deploy: setup ## deploy changed code to the running local cloud
	@$(LOCAL) deploy

seed: setup ## add the demo community; a second run adds nothing
	@$(LOCAL) seed

status: setup ## what runs, where, since when
	@$(LOCAL) status

logs: setup ## log lines of one function (FUNCTION=feed-fanout)
	@$(LOCAL) logs $(FUNCTION)

mail: setup ## the e-mails the platform has sent
	@$(LOCAL) mail

redrive: setup ## take up again what ended in dead-letter queues, once its cause is mended
	@$(LOCAL) redrive

counters: setup ## compare every counter with its set
	@$(LOCAL) counters

counters-repair: setup ## and correct those that differ
	@$(LOCAL) counters --repair

reindex: setup ## make the search index anew from the tables, beside the one in use, and put it in its place
	@$(LOCAL) reindex

reindex-compare: setup ## compare the search index with the tables, and mend what differs
	@$(LOCAL) reindex --compare

invoke: setup ## run one handler on a sample (FUNCTION=media-resize EVENT=events/sqs_photos.json)
	@$(LOCAL) invoke $(FUNCTION) $(EVENT)

openapi: setup ## generate docs/openapi.json from the resolvers
	@$(VENV)/python -m local.openapi

layers: setup ## build the third-party Lambda layers for AWS into .local/layers
	@$(VENV)/python layers/build.py

lock: setup ## compile requirements*.txt from requirements*.in
	@for set in requirements requirements-dev local/node; do $(VENV)/uv pip compile --quiet --universal --generate-hashes \
		--python-version 3.11 --no-header --no-emit-index-url $$set.in --output-file $$set.txt; done
	@$(VENV)/uv pip compile --quiet --generate-hashes --python-version 3.12 --exclude-newer 2026-03-01 --no-header \
		--no-emit-index-url --no-annotate local/clouds/localstack.in --output-file local/clouds/localstack.txt

load: setup ## 200 people for five minutes on the running local cloud, then all is compared (pyproject.toml: tool.locust)
	@$(VENV)/python -m locust

format: setup ## format the code
	@$(VENV)/ruff format .
	@$(VENV)/ruff check --fix-only --quiet .

lint: setup ## ruff, pyright, import-linter
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	PYTHONPATH=.:layers/shared/python $(VENV)/lint-imports
	$(VENV)/pyright

check: setup ## before each commit: ruff, import-linter, and types and units of what changed
	@$(SIDE_BY_SIDE) .check-types .check-units .check-style

.check-style:
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	PYTHONPATH=.:layers/shared/python $(VENV)/lint-imports

.check-types:
	@files=$$($(VENV)/python -m tests.changed types) && { test -z "$$files" || $(VENV)/pyright $$files; }

.check-units:
	@units=$$($(VENV)/python -m tests.changed units) && { test -z "$$units" || $(PYTEST) -q $(UNITS) $$units; }

unit: setup ## tests that need no cloud
	$(PYTEST) $(PART_$@)

hostile: setup ## some 400 hostile files against one worker
	$(PYTEST) $(PART_$@)

video: setup ## videos with the real encoder, and in a real browser
	$(PYTEST) $(PART_$@)

infrastructure: setup ## assertions on the synthesised templates
	$(PYTEST) $(PART_$@)

stores: setup ## every store on DynamoDB Local
	$(PYTEST) $(PART_$@)

engines: setup ## every search on osmem and on OpenSearch
	$(PYTEST) $(PART_$@)

process: setup ## everything through the API, with the platform in the test process
	CLOUD=process $(PYTEST) $(PART_$@)

integration: setup ## what only a deployed cloud can show, on a cloud of its own (CLOUD=localstack; PROOF=full: everything)
	CLOUD=$(CLOUD) SEARCH=$(SEARCH) $(PYTEST) $(PART_$(or $(CLOUD),ministack))

counters-proof: setup ## 10,000 likes and withdrawals at once, with lost and repeated requests
	PROOF=full $(PYTEST) -s tests/stores/test_counters_under_fire.py

test: setup ## all tests, without the long proofs (CLOUD=ministack|localstack; all, as CI: both, and lint)
	@rm -rf .local/reports
	@$(MAKE) --no-print-directory --keep-going --jobs=2 .row-WORKING .row-WAITING || true
	@$(VENV)/python -m tests.report $(if $(PROOF),,--budget $(BUDGET)) $(WORKING) $(WAITING)

test-full: setup ## everything on both clouds, with the long proofs and coverage, as before a release
	@rm -f .coverage .coverage.*
	@$(MAKE) --no-print-directory test CLOUD=all PROOF=full COVERAGE=COVERAGE_PROCESS_START=$(CURDIR)/pyproject.toml
	@$(VENV)/coverage combine --quiet
	$(VENV)/coverage report

mutants: setup ## put small faults into copies of the code, and tell which test notices each (ONLY="id id" FRESH=1)
	@$(VENV)/python -m tests.mutants $(if $(ONLY),--only $(ONLY)) $(if $(FRESH),--fresh)

.row-%: ; @failed=0; for part in $($*); do $(MAKE) --no-print-directory .part-$$part || failed=1; done; exit $$failed

.part-lint: ; @env -u MAKEFLAGS $(VENV)/python -m tests.part lint make --no-print-directory lint

.part-%:
	@CLOUD=$(filter process $(LANES),$*) SEARCH=$(SEARCH) PROOF=$(PROOF) $(if $(filter $*,$(COVERED)),$(COVERAGE)) \
		$(VENV)/python -m tests.part $* $(PYTEST) $(PART_$*) --junitxml=.local/reports/$*.xml

opensearch: setup ## start OpenSearch alone, in the foreground (SEARCH_PORT=9200)
	@$(VENV)/python -m local.opensearch $(SEARCH_PORT)
