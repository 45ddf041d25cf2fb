#!/usr/bin/env bash
# Write requirements/: every package, version and hash, for all supported Pythons at once.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

scripts/bootstrap.sh demo
tool=.cache/lock
[[ -x $tool/bin/uv ]] || step lock-tool "Installer l’outil de verrouillage (uv)" \
    bash -c "python -m venv $tool && $tool/bin/pip install --quiet uv"

lock() { # lock PROFILE OPTION…: what is to be installed is named by the options
    local profile=$1
    shift
    "$tool/bin/uv" pip compile --universal --python-version 3.12 --generate-hashes --no-annotate \
        --upgrade --custom-compile-command "make lock" --output-file "requirements/$profile.txt" "$@"
}

compile() { # compile PROFILE OPTION…: the project, with what builds it
    local profile=$1
    shift
    python -c 'import tomllib
for line in tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"]: print(line)' |
        lock "$profile" pyproject.toml - "$@"
}

step lock-test "Figer tous les paquets" compile test --extra lab --extra test
step lock-nutanix "Figer les SDK de Nutanix, à part" lock nutanix --group nutanix
step lock-glpi "Figer les clients de GLPI, à part" lock glpi --group glpi
step lock-veeam "Figer le client de Veeam, à part" lock veeam --group veeam
step lock-microsoft "Figer la bibliothèque de Microsoft, à part" lock microsoft --group microsoft
step lock-demo "Figer ceux de la démonstration" compile demo --extra lab --constraint requirements/test.txt
kerberos() {
    python -c 'import tomllib
print("\n".join(tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["kerberos"]))' |
        lock kerberos - --constraint requirements/demo.txt
}
step lock-kerberos "Figer ceux de Kerberos, en option" kerberos
