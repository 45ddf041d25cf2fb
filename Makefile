# Each target does its own set-up and repeats none of it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test lint stories fuzz bench durations docs collection lock release clean

help: ## Afficher cette aide
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Tout préparer, démarrer le laboratoire, y faire converger la ville deux fois
	@scripts/demo.sh

test: ## Tout préparer, puis tout vérifier : analyse, tests unitaires, contrats, intégration, molecule
	@scripts/check.sh all

lint: ## Tout préparer, puis l’analyse seule : ruff, mypy, yamllint, ansible-lint
	@scripts/check.sh lint

stories: ## Tout préparer, puis vivre les longues histoires : pages commande par commande, reprise par un successeur, pannes semées, longs tirages
	@scripts/bootstrap.sh test
	@PISTE_FUZZ=1 .venv/bin/python -m pytest -q --forks 2 --junitxml=.cache/stories.xml -m "story or drawn" tests
	@.venv/bin/python -m tests.support.stories --note .cache/stories.xml

fuzz: ## Tout préparer, puis éprouver longuement ce que Piste lit (déclaration, réponses, sacs, plans, journaux)
	@scripts/bootstrap.sh test
	@PISTE_FUZZ=1 .venv/bin/python -m pytest -q --forks 2 --hypothesis-show-statistics tests/fuzz

bench: ## Tout préparer, puis compter les appels et le temps sur le laboratoire (BASE=commit : à côté duquel)
	@scripts/bootstrap.sh test
	@.venv/bin/python -m tests.bench $(if $(BASE),--base $(BASE))

durations: ## Garder les durées de la dernière vérification et du dernier banc, auxquelles les suivants se comparent
	@.venv/bin/python -m tests.support.durations --keep

docs: ## Tout préparer, puis récrire la documentation des modules d’après leurs tables
	@scripts/bootstrap.sh test
	@.venv/bin/python scripts/document.py
	@.venv/bin/python scripts/policies_page.py
	@.venv/bin/python scripts/data_pages.py
	@.venv/bin/python scripts/dossier_pages.py

collection: ## Tout préparer, puis assembler dans dist/ la collection Ansible et le paquet Python d’une autre ville
	@scripts/bootstrap.sh
	@.venv/bin/python scripts/collection.py

lock: ## Figer de nouveau les versions des paquets Python (requirements/)
	@scripts/lock.sh

release: ## Publier une version (VERSION=0.8.0) : journal des versions, nombre, commit et étiquette
	@python3 scripts/release.py "$(VERSION)"

clean: ## Arrêter le laboratoire, supprimer ce que les commandes ont créé (.venv, .lab, caches)
	@if [ -x .venv/bin/piste ]; then .venv/bin/piste lab down || true; fi
	rm -rf .venv .lab .cache dist .ansible .mypy_cache .ruff_cache .pytest_cache .hypothesis piste.egg-info
