#!/usr/bin/env bash
# Write requirements/: every package, version and hash, for all supported Pythons at once.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

scripts/bootstrap.sh demo
tool=.cache/lock
[[ -x $tool/bin/uv ]] || step lock-tool "Installer l'outil de verrouillage (uv)" \
    bash -c "python -m venv $tool && $tool/bin/pip install --quiet uv"

compile() { # compile PROFILE OPTION…
    local profile=$1
    shift
    python -c 'import tomllib
for line in tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"]: print(line)' |
        "$tool/bin/uv" pip compile --universal --python-version 3.12 --generate-hashes --no-annotate \
            --upgrade --custom-compile-command "make lock" --output-file "requirements/$profile.txt" \
            pyproject.toml - "$@"
}

step lock-test "Figer tous les paquets" compile test --extra lab --extra test
step lock-demo "Figer ceux de la démonstration" compile demo --extra lab --constraint requirements/test.txt
