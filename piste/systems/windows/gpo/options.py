"""Options of a task of group policies, without those of the connection."""

from __future__ import annotations

from piste.engine.converge.resource import Field

OPTIONS = (
    Field(
        "prefix",
        "Beginnings of the names of the owner's GPOs: C(overridden) removes those that are not declared, and no other.",
        type="list",
        default=[],
    ),
    Field(
        "backup_dir",
        "Folder of the control node for backups as the console makes them: of what is removed, before it is, and of "
        "all that is C(gathered), with a migration table.",
        type="path",
    ),
    Field(
        "signed",
        "Folder of the programs that the town signed, each beside the certificate of its publisher: a policy that runs "
        "a program waits for it.",
        type="path",
    ),
    Field("admx", "Folder of the site's own policy definitions (ADMX, and ADML by language), here.", type="path"),
)
