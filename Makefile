# Everything a newcomer needs, on a Debian 12 with python3-venv, git and make. `make` alone lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PORT ?= 8000
PYTHON ?= python3

# A real LemonLDAP::NG (CAS and OpenID), without its daemons, and Node for one peer of the tests, whoever brought its npm.
LEMONLDAP := liblemonldap-ng-portal-perl lemonldap-ng-uwsgi-app starman libdbd-sqlite3-perl libio-string-perl \
	libstring-random-perl libxml-simple-perl
NODE := $(shell command -v npm > /dev/null || echo nodejs npm)

# What the tests and the measurements ask of Debian: this is the only list.
DEBIAN := chromium postgresql squid wrk $(LEMONLDAP) $(NODE)
PEER := tests/peers/oidc-provider/node_modules/.package-lock.json

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
FLASK := $(BIN)/flask --env-file var/demonstration.env --app app:serve
LOCK := $(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host --no-annotate --no-header
SPOKEN := $(patsubst %.po,%.mo,$(wildcard portal/translations/*/LC_MESSAGES/*.po))

.PHONY: help demo test check bench translations lock clean debian port

help: ## liste les commandes
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: port .venv/runtime var/demonstration.env $(SPOKEN) ## installe et lance la démonstration (PORT=8000), puis donne ses adresses
	@[[ -s var/logitheque.sqlite ]] || rm -f var/demonstration.loaded
	@$(FLASK) db upgrade
	@[[ -e var/demonstration.loaded ]] || { echo "Chargement des données, une seule fois…"; $(FLASK) demo load; touch var/demonstration.loaded; }
	@exec $(FLASK) demo run --port $(PORT)

test: debian .venv/development $(PEER) $(SPOKEN) ## vérifie tout : style, types, contrats d’import, puis tous les tests
	@$(MAKE) check
	@$(BIN)/pytest --numprocesses 2

check: .venv/development ## vérifie sans lancer les tests : style, types, contrats d’import
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: debian .venv/development $(SPOKEN) ## mesure les performances ; échoue si une limite est dépassée
	@$(BIN)/python -m tests.bench

# The header keeps only what gettext reads: a date or an address would change at each run, or say who ran it.
translations: .venv/development ## relève les phrases à traduire ; complétez ensuite portal/translations
	@mkdir -p var
	@$(BIN)/pybabel --quiet extract --mapping-file pyproject.toml --sort-output --no-wrap --add-location file \
		--output-file var/messages.pot .
	@$(BIN)/pybabel --quiet update --input-file var/messages.pot --output-dir portal/translations --no-wrap --no-fuzzy-matching \
		--ignore-obsolete
	@sed --in-place --regexp-extended '/^"(Project|Report|POT|PO|Last|Generated)-/d; /^"Language-Team/d' $(SPOKEN:.mo=.po)

lock: .venv/development ## refait les fichiers de versions (LOCK_ARGS=--upgrade pour les mettre à jour)
	@$(LOCK) $(LOCK_ARGS) --output-file requirements.txt pyproject.toml
	@$(LOCK) $(LOCK_ARGS) --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml

clean: ## efface ce qui se refait (.venv, caches) ; garde les données de var/
	@rm -rf .venv .hypothesis .*_cache $(SPOKEN)
	@find . -name __pycache__ -prune -exec rm -rf {} +

# Said before anything is installed or loaded; `flask demo run` looks again, at its other ports too.
port:
	@$(PYTHON) -c "$$PORT_IS_FREE" $(PORT)

define PORT_IS_FREE
import socket, sys
port = sys.argv[1]
if not port.isdecimal() or not 1024 <= int(port) <= 65000:
    sys.exit(f"PORT={port} ne convient pas : choisissez un nombre de 1024 à 65000, par exemple « make demo PORT=8100 ».")
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", int(port)))
    except OSError:
        sys.exit(f"Le port {port} est déjà occupé. Choisissez-en un autre : « make demo PORT={int(port) + 100} ».")
endef
export PORT_IS_FREE

# pip comes last in a new environment: one that was interrupted is made again.
$(BIN)/pip:
	@rm -rf .venv
	@$(PYTHON) -m venv .venv

.venv/runtime: requirements.txt | $(BIN)/pip
	@echo "Installation des bibliothèques…"
	@$(PIP) install --quiet --require-hashes -r requirements.txt
	@touch $@

# The development lock holds the other one too.
.venv/development: requirements-dev.txt | $(BIN)/pip
	@echo "Installation des bibliothèques et des outils…"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@touch .venv/runtime $@

$(PEER): tests/peers/oidc-provider/package-lock.json
	@cd $(dir $<) && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

%.mo: %.po | .venv/runtime
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

# A key of its own for each demonstration: none stands in the code.
var/demonstration.env:
	@mkdir -p var
	@umask 077; $(PYTHON) -c 'import secrets; print(f"LOGITHEQUE_ENVIRONMENT=demonstration\nLOGITHEQUE_LOG_JSON=false\nLOGITHEQUE_SECRET_KEY={secrets.token_urlsafe(48)}")' > $@

debian:
	@missing=$$(for package in $(DEBIAN); do \
		dpkg-query --show --showformat '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; done | xargs); \
	if [[ -z $$missing ]]; then exit 0; fi; \
	if [[ $$(id -u) != 0 ]]; then \
		echo "Il manque des paquets à Debian. Installez-les, puis recommencez :"; \
		echo "sudo apt-get install --yes --no-install-recommends $$missing"; exit 1; fi; \
	echo "Installation de : $$missing"; \
	apt-get update --quiet=2; \
	DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends $$missing
