#!/usr/bin/env bash
# apply_exceptions.sh ENVIRONMENT: spare the sites of an exception of sobriety, set those of a crowd, and bring back those
# where either ended in the last seven days, as a machine that slept through the day needs. Only these sites are planned, then written.
set -euo pipefail
[[ $# == 1 && $1 =~ ^(lab|production)$ ]] || { echo "Usage : apply_exceptions.sh lab|production" >&2 && exit 1; }
environment=$1
cd "$(dirname "${BASH_SOURCE[0]}")/.."
sites=$(.venv/bin/python -c '
import sys
from piste.town import declared
from piste.engine.converge.errors import PisteError
from piste.town.model.dates import today
from piste.commands.output import EXIT
from piste.sobriety.exceptions import concerned
try:
    print(",".join(concerned(declared.town(sys.argv[1]), today())))
except PisteError as error:
    print(error, file=sys.stderr)
    sys.exit(EXIT[error.kind])' "$environment")
if [[ -z $sites ]]; then
    echo "Aucun site n’a d’exception de sobriété ni d’affluence ces jours-ci."
    exit 0
fi
plan=$(mktemp -d)/plan.json
trap 'rm -rf "$(dirname "$plan")"' EXIT
code=0
.venv/bin/piste plan "$sites" --domain network --environment "$environment" --out "$plan" || code=$?
[[ $code == 2 ]] || exit "$code"
.venv/bin/piste apply "$plan" --yes --outside-window "minuterie : exceptions et affluences de $sites"
