# What one does with this checkout. `make help` is made from the comments behind the targets.
PYTHON ?= python3
PORT ?= 8080
HOST ?= 127.0.0.1
DATA ?= .heliograph
PHOTOS ?=
TLS ?=
MODEL ?=
TRUTH ?=
FLAGS ?=
IMAGES ?=
PROFILE ?=
REGION ?= us-east-1
DOMAIN ?=
STACK ?= heliograph
RELEASE ?=
# Narrows fmt, lint, types and the tests to a path: make unit T=tests/unit/test_photos.py
T ?=

BIN := .venv/bin
INSTALL := $(PYTHON) -m tools.install
PYTEST := $(BIN)/python -m pytest
DEPLOY = $(if $(PROFILE),--profile "$(PROFILE)") --region "$(REGION)" --domain "$(DOMAIN)" --stack "$(STACK)" $(FLAGS)
CODE := $(or $(T),shared services tools tests)
export PYTHONDONTWRITEBYTECODE := $(if $(CI),1,)

.DEFAULT_GOAL := help
.PHONY: help install fmt lint types imports web unit contract integration e2e test demo fuzz audit reindex verify-index orphans reclassify account admin second-factor-off rotate-keys bench bench-library bench-inference bench-questions bench-question-store bench-sign-in models calibrate infra-test deploy destroy cloud-figures openapi lock clean

help: ## Say what there is
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

install: ## Install everything that the targets below need into the checkout
	@$(INSTALL) dev standin scan web browser models

demo: ## Start the whole of Heliograph here; PORT=8080 HOST=127.0.0.1 DATA=.heliograph PHOTOS=~/Pictures TLS=1
	@$(INSTALL) services standin web models
	@exec $(BIN)/python -m tools.demo --host "$(HOST)" --port "$(PORT)" --data "$(DATA)" --photos "$(PHOTOS)" $(if $(TLS),--tls)

test: install lint types imports web unit contract integration e2e ## Run every check and every test that needs no Docker

fmt: ## Format the code, Python and web
	@$(INSTALL) dev web-packages
	@$(BIN)/ruff check --quiet --fix-only $(CODE)
	@$(BIN)/ruff format --quiet $(CODE)
	@$(if $(T),,cd frontend && npm run --silent format -- --log-level warn)

lint: ## Lint Python (ruff)
	@$(INSTALL) dev
	@$(BIN)/ruff check --quiet $(CODE)
	@$(BIN)/ruff format --quiet --check $(CODE)

types: ## Check Python's types (mypy --strict)
	@$(INSTALL) dev
	@$(BIN)/mypy $(CODE)

imports: ## Check that imports run one way (import-linter)
	@$(INSTALL) dev
	@$(BIN)/lint-imports

web: ## Check, lint and unit-test the web app
	@$(INSTALL) web-packages
	@cd frontend && npm run --silent check && npm run --silent lint && npm run --silent test

unit: ## Unit tests: no network, fakes
	@$(INSTALL) dev
	@$(PYTEST) -n 2 $(or $(T),tests/unit)

contract: ## Contract tests: each port's fake and real adapter against one suite
	@$(INSTALL) dev standin
	@$(PYTEST) -n 2 $(or $(T),tests/contract)

integration: ## Integration tests: services against the embedded stand-in for AWS
	@$(INSTALL) dev standin scan web models
	@$(PYTEST) $(or $(T),tests/integration)

e2e: ## Browser tests, through nginx
	@$(INSTALL) dev standin web browser models
	@$(PYTEST) $(or $(T),tests/e2e)

fuzz: ## Call the whole API with what its document allows and forbids, 10,000 times; CALLS=10000, some minutes
	@$(INSTALL) dev standin scan web models
	@$(BIN)/python -m tests.fuzz --calls $(or $(CALLS),10000)

audit: ## Ask PyPI's and npm's advisories for known holes in what is pinned; says what could not be asked
	@$(INSTALL) dev scan
	@$(BIN)/python -m tools.audit

reindex: ## Build the indexes of the running demo anew from its photos, while it is in use; DATA=.heliograph PORT=8080
	@$(INSTALL) services standin
	@$(BIN)/python -m tools.operate --data "$(DATA)" --port "$(PORT)" reindex

verify-index: ## Compare the indexes of the running demo with its photos and print what differs; DATA=… PORT=…
	@$(INSTALL) services standin
	@$(BIN)/python -m tools.operate --data "$(DATA)" --port "$(PORT)" verify-index

orphans: ## List objects of no photo, and photos without their objects, in the running demo; DATA=… PORT=… DELETE=1 removes the first
	@$(INSTALL) services standin
	@$(BIN)/python -m tools.operate --data "$(DATA)" --port "$(PORT)" orphans $(if $(DELETE),--delete)

reclassify: ## Have photos looked at by the networks that have not yet, by the backlog lane; Q="label:dog" OWNER=… FAILED=1 FORGET=1 DATA=… PORT=…
	@$(INSTALL) services standin
	@$(BIN)/python -m tools.operate --data "$(DATA)" --port "$(PORT)" reclassify --query "$$Q" $(if $(OWNER),--owner "$(OWNER)") $(if $(FAILED),--with-failed) $(if $(FORGET),--forget-others)

account: ## Open an account in the running demo, also where HELIOGRAPH_REGISTRATION_IS_OPEN=false; EMAIL=ada@example.com NAME=Ada DATA=… PORT=…
	@$(INSTALL) services standin
	@$(BIN)/python -m tools.operate --data "$(DATA)" --port "$(PORT)" accounts open "$(EMAIL)" --name "$(NAME)"

admin: ## Make an account of the running demo an administrator's; EMAIL=ada@example.com DISMISS=1 takes that back; DATA=… PORT=…
	@$(INSTALL) services standin
	@$(BIN)/python -m tools.operate --data "$(DATA)" --port "$(PORT)" accounts $(if $(DISMISS),dismiss,appoint) "$(EMAIL)"

second-factor-off: ## Turn two-step sign-in off for somebody who has lost app and recovery codes, in the running demo; EMAIL=ada@example.com DATA=… PORT=…
	@$(INSTALL) services standin
	@$(BIN)/python -m tools.operate --data "$(DATA)" --port "$(PORT)" accounts second-factor-off "$(EMAIL)"

rotate-keys: ## Make a new key that signs access tokens, while the demo runs; COMPROMISED=1 believes no other from now on; DATA=…
	@$(INSTALL) services
	@HELIOGRAPH_AUTH_KEYRING_FILE="$(DATA)/auth/keyring.json" $(BIN)/python -m heliograph_auth.admin keys rotate $(if $(COMPROMISED),--compromised)

bench-library: ## Measure lists, searches and maps at 1k, 10k and 100k photos, and what saves cost; an hour
	@$(INSTALL) dev standin
	@$(BIN)/python -m tests.bench.library

bench-questions: ## Ask simulated people questions about libraries of known truth; figures, a quarter of an hour
	@$(INSTALL) dev
	@$(BIN)/python -m tests.bench.questions

bench-sign-in: ## Try 10,000 wrong passwords, and see whether a clock tells known accounts from unknown ones; two minutes
	@$(INSTALL) dev standin web models
	@$(BIN)/python -m tests.bench.sign_in

bench-question-store: ## Measure what questions cost at 1k, 10k and 100k photos; a quarter of an hour
	@$(INSTALL) dev
	@$(BIN)/python -m tests.bench.question_store

bench: ## Measure the way of 300 photos; figures, not a test
	@$(INSTALL) dev standin web models
	@$(BIN)/python -m tests.bench.ingest

bench-inference: ## Set the inference worker beside what its networks alone could do; FLAGS="--sessions", FLAGS="--drift 20000"
	@$(INSTALL) dev standin models
	@$(BIN)/python -m tests.bench.inference $(FLAGS)

models: ## Fetch and verify the weights that models/manifest.toml names
	@$(INSTALL) services models

calibrate: ## Fit a network's temperature to labelled photos; MODEL=yolov8n@1 TRUTH=annotations.json IMAGES=folder
	@$(INSTALL) dev models
	@$(BIN)/python -m tools.calibrate --model "$(MODEL)" --truth "$(TRUTH)" --images "$(IMAGES)" --plot "docs/images/calibration-$(MODEL).svg"

infra-test: ## Lint infra/, deploy it into a stand-in, compare, simulate its policies; prints what was done with each resource type
	@$(INSTALL) dev standin infra web models
	@$(PYTEST) $(or $(T),tests/infra tests/unit/infra)

deploy: ## Deploy to AWS; DOMAIN=photos.example.org REGION=us-east-1 PROFILE=… STACK=heliograph RELEASE=… FLAGS="--dry-run"
	@$(INSTALL) services web models
	@$(BIN)/python -m tools.deploy $(DEPLOY) $(if $(RELEASE),--release "$(RELEASE)")

destroy: ## Take everything off AWS again but photos, tables and queues; the same words as deploy
	@$(INSTALL) services
	@$(BIN)/python -m tools.deploy --destroy $(DEPLOY)

cloud-figures: ## Write docs/cost.md and the plots of docs/scaling.md from what was measured and what AWS asks
	@$(INSTALL) dev
	@$(BIN)/python -m tools.cloud_figures

openapi: ## Write the one OpenAPI document that the four services make
	@$(INSTALL) dev
	@$(BIN)/python -m tools.openapi frontend/public/openapi.json

lock: ## Pin and hash the Python requirements again after a change in a pyproject.toml
	@$(INSTALL) dev
	@sh tools/lock.sh

clean: ## Remove what was built and installed; photos under .heliograph stay
	@rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@rm -rf frontend/node_modules frontend/dist tools/node_modules tests/e2e/node_modules
