#!/usr/bin/env bash
# Refuse to commit a vault that lies in clear. As a plain hook of git: ln -s ../../scripts/refuse_clear_vault.sh .git/hooks/pre-commit
# With file names (pre-commit) it looks at those, without at every vault that is staged.
set -euo pipefail
if [[ $# -eq 0 ]]; then
    mapfile -d '' -t staged < <(git diff --cached --name-only --diff-filter=d -z -- 'vault.yml' 'vault.yaml' '*/vault.yml' '*/vault.yaml')
    set -- "${staged[@]}"
fi
status=0
for file in "$@"; do
    # What is staged counts, not what lies on the disk.
    if [[ $(git show ":$file" | head -c 15) != '$ANSIBLE_VAULT;' ]]; then
        echo "Refusé : $file est en clair. Chiffrez-le (ansible-vault encrypt $file), puis changez ses secrets s’ils ont circulé." >&2
        status=1
    fi
done
exit "$status"
