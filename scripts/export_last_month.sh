#!/usr/bin/env bash
# export_last_month.sh FOLDER KEY: export the month that has ended of the journal, and anchor it with the key.
set -euo pipefail
[[ $# == 2 ]] || { echo "Usage : export_last_month.sh DOSSIER CLÉ" >&2 && exit 1; }
cd "$(dirname "${BASH_SOURCE[0]}")/.."
month=$(date -d "$(date +%Y-%m-01) -1 day" +%Y-%m)
.venv/bin/piste journal export --month "$month" --to "$1" --key "$2"
