#!/usr/bin/env bash
# Seal the days of the logs that are over, then check everything against the last anchored month, which seals made anew
# no longer match. The check's exit code is the outcome.
set -euo pipefail
if [[ $# -ne 2 ]]; then
    echo "Usage : seal_logs.sh DOSSIER_DES_ANCRES CLÉ_PUBLIQUE" >&2
    exit 1
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
anchors=("$1"/????-??)
against=()
[[ ! -d ${anchors[-1]} ]] || against=(--anchor "${anchors[-1]}" --public-key "$2")
.venv/bin/piste logs seal --environment production
.venv/bin/piste logs check --environment production "${against[@]}"
