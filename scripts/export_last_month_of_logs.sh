#!/usr/bin/env bash
# export_last_month_of_logs.sh FOLDER KEY: export last month's logs to the store, and anchor their seals with the key.
set -euo pipefail
[[ $# == 2 ]] || { echo "Usage : export_last_month_of_logs.sh DOSSIER CLÉ" >&2 && exit 1; }
cd "$(dirname "${BASH_SOURCE[0]}")/.."
month=$(date -d "$(date +%Y-%m-01) -1 day" +%Y-%m)
.venv/bin/piste logs export --month "$month" --environment production
.venv/bin/piste logs anchor --month "$month" --to "$1" --key "$2" --environment production
