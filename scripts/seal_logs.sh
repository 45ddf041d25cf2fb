#!/usr/bin/env bash
# seal_logs.sh: seal the days of the logs that are over, then check everything; the check's exit code is the outcome.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
.venv/bin/piste logs seal --environment production
.venv/bin/piste logs check --environment production
