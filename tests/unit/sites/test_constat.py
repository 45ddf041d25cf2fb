"""The statement of a verification: each test keeps the file that proves it."""

from __future__ import annotations

import hashlib

from piste.sites.constat import Constat


def test_tests_whose_files_would_have_one_name_keep_both() -> None:
    constat = Constat()
    for id_ in ("ports.a/1", "ports.a:1", "ports.a@1", "ports.a-1"):
        constat.add(id_, "Réseau", id_, "en service", "éteint", "wrong", proof=id_)
    proofs = [proof for test in constat.tests for proof in test.evidence]
    assert len({proof.file for proof in proofs}) == 4
    assert [hashlib.sha256(constat.files[proof.file]).hexdigest() for proof in proofs] == [p.sha256 for p in proofs]
