#!/usr/bin/env bash
# Refuse to push a declaration with faults. As a plain hook of git: ln -s ../../scripts/refuse_faults.sh .git/hooks/pre-push
# git gives a line for each reference: local name, local commit, remote name, remote commit.
set -euo pipefail
python=$(git rev-parse --show-toplevel)/.venv/bin/python
if [[ ! -x $python ]]; then
    echo "Refusé : rien ne peut contrôler la déclaration, $python n’est pas là. Installez-le : scripts/bootstrap.sh." >&2
    exit 1
fi
status=0
while read -r name commit _ _; do
    [[ $commit =~ [^0] ]] || continue # a reference that is deleted
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    # What is pushed counts, code included, not what lies on the disk.
    git archive "$commit" piste group_vars inventories requirements | tar -x -C "$folder"
    if ! said=$(cd "$folder" && PYTHONPATH=$folder PISTE_DERIVED_DIR=$folder/derived "$python" -m piste.cli validate 2>&1); then
        printf '%s\nRefusé : %s a des fautes de déclaration. Corrigez-les, enregistrez, poussez de nouveau.\n' "$said" "$name" >&2
        status=1
    fi
    rm -rf "$folder"
done
exit "$status"
