# Every command a person needs. `make help` lists them; the work is done by `python -m local <command>`.
PORT ?= 4566
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv/bin
LOCAL := $(VENV)/python -m local --port $(PORT)
# Empty: what runs already on the port, or ministack (and the search engine that goes with it).
CLOUD ?=
SEARCH ?=
SEARCH_PORT ?= 9200
LANES = $(if $(filter all,$(CLOUD)),ministack localstack,$(or $(CLOUD),ministack))
REPORTS := .local/reports
PYTEST := $(VENV)/python -m pytest
COVERED := $(VENV)/coverage run -m pytest

# Who sees what, and what the API's description promises, is asked on the light cloud: it enforces more, and is faster.
OVER_HTTP = tests/integration $(if $(filter localstack,$(1)),,tests/contract tests/security)

.DEFAULT_GOAL := help
.PHONY: help setup up down deploy seed status logs mail redrive counters counters-repair reindex reindex-compare invoke opensearch openapi layers lock lint \
	format unit infrastructure hostile video stores counters-proof engines integration load test mutants

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.installed node_modules/.installed ## install what the project needs into this checkout

.venv/.installed: requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (set PYTHON=...)"; exit 1; }
	@echo "Installing Python packages into .venv"
	@test -x $(VENV)/python || $(PYTHON) -m venv .venv
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

node_modules/.installed: package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Node 20 or newer is needed"; exit 1; }
	@echo "Installing the CDK command line into node_modules"
	@npm ci --silent --no-audit --no-fund
	@touch $@

up: setup ## start the local cloud, deploy, seed (PORT=4566 CLOUD=ministack|localstack SEARCH=osmem|opensearch)
	@$(LOCAL) up --cloud "$(CLOUD)" --search "$(SEARCH)"

down: ## stop the local cloud
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
	@for set in requirements requirements-dev; do $(VENV)/uv pip compile --quiet --universal --generate-hashes \
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

unit: setup ## tests that need no cloud
	$(PYTEST) tests/unit

hostile: setup ## some 400 hostile files against one worker
	$(PYTEST) tests/hostile

video: setup ## videos with the real encoder, and in a real browser
	$(PYTEST) tests/video

infrastructure: setup ## assertions on the synthesised templates
	$(PYTEST) tests/infrastructure

stores: setup ## every store on DynamoDB Local
	$(PYTEST) tests/stores

counters-proof: setup ## 10,000 likes and withdrawals at once, with lost and repeated requests
	COUNTER_OPERATIONS=10000 $(PYTEST) -s tests/stores/test_counters_under_fire.py

engines: setup ## every search on osmem and on OpenSearch
	$(PYTEST) tests/engines

integration: setup ## all tests over HTTP, on a cloud of its own (CLOUD=localstack SEARCH=opensearch: the story alone)
	CLOUD=$(CLOUD) SEARCH=$(SEARCH) $(PYTEST) $(call OVER_HTTP,$(CLOUD))

mutants: setup ## put small faults into copies of the code, and tell which test notices each (ONLY="id id" FRESH=1)
	@$(VENV)/python -m tests.mutants $(if $(ONLY),--only $(ONLY)) $(if $(FRESH),--fresh)

# The parts that need no whole cloud, two at a time, the longest first; what each prints comes at its end.
test: setup lint ## everything, with coverage (CLOUD=ministack|localstack|all)
	@rm -rf .coverage .coverage.* $(REPORTS)
	@$(MAKE) --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) \
		.part-stores .part-video .part-engines .part-unit .part-hostile .part-infrastructure
	$(foreach cloud,$(LANES),CLOUD=$(cloud) SEARCH=$(SEARCH) $(COVERED) $(call OVER_HTTP,$(cloud)) \
		--junitxml=$(REPORTS)/7-$(cloud).xml &&) true
	@$(VENV)/coverage combine --quiet
	$(VENV)/coverage report
	@$(VENV)/python -m tests.report $(REPORTS)/*.xml

.part-unit: ; $(COVERED) tests/unit --junitxml=$(REPORTS)/1-units.xml
.part-hostile: ; $(PYTEST) tests/hostile --junitxml=$(REPORTS)/2-hostile-files.xml
.part-video: ; $(COVERED) tests/video --junitxml=$(REPORTS)/3-video.xml
.part-infrastructure: ; $(PYTEST) tests/infrastructure --junitxml=$(REPORTS)/4-templates.xml
.part-stores: ; $(COVERED) tests/stores --junitxml=$(REPORTS)/5-dynamodb-local.xml
.part-engines: ; $(COVERED) tests/engines --junitxml=$(REPORTS)/6-osmem-and-opensearch.xml

opensearch: setup ## start OpenSearch alone, in the foreground (SEARCH_PORT=9200)
	@$(VENV)/python -m local.opensearch $(SEARCH_PORT)
