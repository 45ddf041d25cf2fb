"""The scan of a share: what is counted, compared, never read, unknown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from piste.engine.converge.errors import Unreachable
from piste.readings.storage import scan as module
from piste.readings.storage.index import Index, ScanUnderWay
from piste.readings.storage.reading import candidates, scope_of
from piste.readings.storage.walk import Pace, walk
from tests.support.storage import NOW, OLD, RECENT, FakeTree, Stored, Ticking, rules, scan, target

LONG = b"x" * 200_000


def town() -> FakeTree:
    return FakeTree({
        "": {"note.txt": Stored(b"seul")},
        "Finances": {"budget.xlsx": Stored(LONG, OLD), "budget (copie).xlsx": Stored(LONG, RECENT)},
        "Finances\\2015": {"budget.xlsx": Stored(LONG, OLD), "clos.pdf": Stored(b"y" * 50_000, OLD)},
        "Culture": {"affiche.png": Stored(b"z" + LONG[1:]), "affiche2.png": Stored(LONG[:-1] + b"z")},
    })  # fmt: skip


def test_cold_and_duplicates_are_counted_once_and_the_living_copy_stays(tmp_path: Path) -> None:
    made = scan(town(), tmp_path)
    assert (made["state"], made["files"], made["folders"]) == ("complete", 7, 4)
    assert (made["duplicate_files"], made["duplicate_bytes"]) == (2, 2 * len(LONG))
    assert (made["cold_files"], made["cold_bytes"]) == (3, 2 * len(LONG) + 50_000)
    # Both cold copies are the duplicates of the copy that was written last: they count once.
    assert made["waste_bytes"] == 2 * len(LONG) + 50_000
    by_folder = {row["folder"]: row["waste_bytes"] for row in made["by_folder"]}
    assert by_folder == {"": 0, "Culture": 0, "Finances": 2 * len(LONG) + 50_000}
    assert not (tmp_path / "services.index").exists()


def test_only_the_beginning_of_files_of_equal_size_is_read_first(tmp_path: Path) -> None:
    tree = town()
    made = scan(tree, tmp_path)
    assert not {"note.txt", "Finances\\2015\\clos.pdf"} & set(tree.asked)
    # `affiche.png` differs within its first 64 KiB; of the four others the whole is read.
    assert tree.asked.count("Culture\\affiche.png") == 1
    assert tree.asked.count("Culture\\affiche2.png") == 2
    assert made["compared_bytes"] == 5 * (64 << 10) + 4 * len(LONG)


def test_a_report_has_no_name_below_its_levels(tmp_path: Path) -> None:
    tree = town()
    tree.denied = {"Finances\\2015": "accès refusé", "Culture\\affiche.png": "ouvert ailleurs"}
    for levels, hidden in ((1, ("2015", "budget", "affiche", "note")), (0, ("Finances", "Culture", "note"))):
        made = scan(tree, tmp_path, target(levels=levels))
        assert made["state"] == "partial"
        assert not [word for word in hidden if word in json.dumps(made)]
        assert sum(unread["count"] for unread in made["unread"]) == 2


def test_an_excluded_folder_is_not_even_listed(tmp_path: Path) -> None:
    tree = town()
    share = target(path="Finances", excluded=[{"path": "2015", "why": "à trier"}])
    made = scan(tree, tmp_path, share)
    assert (made["files"], [place for place in tree.asked if "2015" in place]) == (2, [])
    made = scan(tree, tmp_path, target(excluded=[{"path": "FINANCES/2015", "why": "à trier"}]))
    assert (made["files"], made["state"]) == (5, "complete")


def test_links_are_not_followed_and_what_lies_elsewhere_is_not_recalled(tmp_path: Path) -> None:
    tree = FakeTree({
        "": {
            "lien": Stored(kind="link"), "archive.zip": Stored(LONG, kind="remote"), "a": Stored(LONG),
            "b": Stored(LONG, kind="dedup"), "nom1": Stored(LONG, identity=7), "nom2": Stored(LONG, identity=7),
        },
    })  # fmt: skip
    made = scan(tree, tmp_path)
    assert (made["links"], made["remote"], made["other_names"], made["files"]) == (1, 1, 1, 4)
    assert made["duplicate_bytes"] == 2 * len(LONG), "three files of one content, and a second name of one of them"
    assert not {"lien", "archive.zip", "nom2"} & set(tree.asked)


@pytest.mark.parametrize("name", ["..\\ailleurs", "a/b", "nul\0", ""])
def test_a_name_that_no_folder_can_have_is_refused(tmp_path: Path, name: str) -> None:
    tree = FakeTree({"": {name: Stored(LONG), "b": Stored(LONG)}})
    made = scan(tree, tmp_path)
    assert (made["state"], made["files"], made["duplicate_files"]) == ("partial", 1, 0)
    assert made["unread"][0]["why"] == "nom impossible, que le serveur donne"
    assert name not in tree.asked[1:]


def test_hostile_names_are_data(tmp_path: Path) -> None:
    names = ["=cmd|'x'!A0", "\x1b[2J", "'; DROP TABLE files; --", "\udcff", "é" * 255, "{{ 7*7 }}"]
    tree = FakeTree({"": {name: Stored(LONG) for name in names}})
    made = scan(tree, tmp_path)
    assert (made["state"], made["duplicate_files"]) == ("complete", len(names) - 1)


def test_a_folder_that_contains_itself_ends(tmp_path: Path) -> None:
    class Loop:
        def entries(self, folder: str):  # type: ignore[no-untyped-def]
            from piste.systems.windows.shares import Entry

            yield [Entry("encore", "folder", 0, 0, 0, 0, self.identity(folder))]

        def identity(self, folder: str) -> int:
            return 9

        def content(self, path: str, *, deduplicated: bool = False):  # type: ignore[no-untyped-def]
            yield b""

    made = scan(Loop(), tmp_path)
    assert (made["folders"], made["unread"][0]["why"]) == (2, "dossier qui se contient lui-même")
    loop = Loop()
    loop.identity = lambda folder: 0  # type: ignore[method-assign]
    made = scan(loop, tmp_path)
    assert (made["folders"], made["unread"][0]["why"]) == (101, "dossier trop profond")


def test_a_file_that_moves_during_the_scan_is_no_duplicate(tmp_path: Path) -> None:
    tree = FakeTree({"": {"a": Stored(LONG), "b": Stored(LONG[:-9], size=len(LONG)), "c": Stored(LONG)}})
    made = scan(tree, tmp_path)
    assert (made["state"], made["duplicate_files"]) == ("partial", 1)
    assert made["unread"] == [{"folder": "", "why": "contenu qui a changé pendant le relevé", "count": 1}]


def test_a_share_that_shows_nothing_is_never_empty(tmp_path: Path) -> None:
    assert scan(FakeTree({"": {}}), tmp_path)["state"] == "partial"
    made = scan(FakeTree({"": {}}, {"": "accès refusé"}), tmp_path)
    assert (made["state"], made["why"]) == ("silent", "dossier non listé : accès refusé")


def test_the_last_access_counts_only_where_the_volume_keeps_it(tmp_path: Path) -> None:
    files = {f"f{number}": Stored(b"x" * number, OLD) for number in range(1, 120)}
    share = target()
    storage = rules(share, cold_by="accessed")
    made = scan(FakeTree({"": files}), tmp_path, share, storage)
    assert (made["access_kept"], made["state"]) == (False, "partial")
    files["lu"] = Stored(b"lu hier", OLD, accessed=RECENT)
    made = scan(FakeTree({"": files}), tmp_path, share, storage)
    assert (made["access_kept"], made["state"], made["cold_files"]) == (True, "complete", 119)
    assert scan(FakeTree({"": files}), tmp_path)["cold_files"] == 120


def test_a_run_out_of_time_goes_on_where_it_stopped(tmp_path: Path) -> None:
    tree, states = town(), []
    for _ in range(40):
        made = scan(tree, tmp_path, clock=Ticking(step=1.0), seconds=8.0)
        states.append(made["state"])
        assert (tmp_path / "services.index").exists() == (made["state"] == "unfinished")
        if made["state"] == "complete":
            break
    assert (states[0], states[-1], len(states) > 3) == ("unfinished", "complete", True)
    assert made["waste_bytes"] == scan(town(), tmp_path)["waste_bytes"]
    assert len([place for place in tree.asked if place == "Finances"]) == 1, "a folder is listed once"


def test_a_share_that_falls_silent_keeps_what_was_read(tmp_path: Path) -> None:
    tree = town()
    listing = tree.entries

    class Cut:
        calls = 0

        def entries(self, folder: str):  # type: ignore[no-untyped-def]
            self.calls += 1
            if self.calls == 3:
                raise Unreachable("le partage ne répond pas")
            return listing(folder)

        content = tree.content

    with pytest.raises(Unreachable):
        scan(Cut(), tmp_path)
    assert scan(tree, tmp_path)["files"] == 7
    assert sorted(tree.asked[:2]) != sorted(tree.asked[2:4]), "what was listed is not listed again"


def test_a_share_that_dies_during_its_scan_or_before_the_next_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = town()

    class Cut(FakeTree):
        def entries(self, folder: str):  # type: ignore[no-untyped-def]
            if folder:
                raise Unreachable("le partage ne répond plus")
            return tree.entries(folder)

        def close(self) -> None: ...

    def opened(*given: object) -> Cut:
        if attempts.pop():
            raise Unreachable("personne")
        return Cut({})

    attempts = [True, False]
    monkeypatch.setattr(module, "opened", opened)
    made = [module.scanned(target(), rules(), {}, tmp_path, None, 600.0) for _ in range(2)]
    assert [(reading["state"], reading["why"]) for reading in made] == [
        ("silent", "le partage ne répond plus : la prochaine exécution reprend"),
        ("silent", "personne : la prochaine exécution reprend"),
    ]
    assert scan(tree, tmp_path)["files"] == 7
    assert tree.asked.count("") == 1, "what was listed is not listed again"


def test_a_share_whose_turn_never_comes_keeps_when_it_was_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Never(FakeTree):
        def close(self) -> None: ...

    monkeypatch.setattr(module, "opened", lambda *given: Never({"": {}}))
    for now in ("2027-01-28T20:00:00Z", "2027-01-30T20:00:00Z"):
        monkeypatch.setattr(module, "moment", lambda now=now: now)
        made = module.scanned(target(), rules(), {}, tmp_path, None, 0.0)
        assert (made["state"], made["begun_at"]) == ("unfinished", "2027-01-28T20:00:00Z")


def test_the_rate_is_kept(tmp_path: Path) -> None:
    clock = Ticking()
    storage = rules(limits={"listings_per_second": 2, "mib_per_second": 1, "minutes": 10})
    made = scan(town(), tmp_path, storage=storage, clock=clock)
    assert clock.slept == pytest.approx(4 / 2 + made["compared_bytes"] / (1 << 20), abs=0.6)


def test_a_file_that_no_run_can_read_whole_is_named_and_the_scan_ends(tmp_path: Path) -> None:
    tree, clock = town(), Ticking()
    storage = rules(limits={"listings_per_second": 2, "mib_per_second": 1, "minutes": 1})
    index = Index(tmp_path / "services.index", "a", "t")
    assert walk(tree, target(), storage, index, Pace(1000, 2000, 10_000, clock.now, clock.sleep), NOW)
    assert {why for _, why in index.unread()} == {"contenu trop long pour une exécution (storage.limits)"}
    index.close(ended=True)
    assert tree.asked.count("Finances\\budget.xlsx") == 1


def test_an_index_is_private_and_of_one_scan(tmp_path: Path) -> None:
    folder, share = tmp_path / "index", target()
    index = Index(folder / "services.index", "a", "t")
    assert (folder / "services.index").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    with pytest.raises(ScanUnderWay, match="un autre est en cours"):
        Index(folder / "services.index", "a", "t")
    index.close(ended=False)
    (folder / "bad.index").write_bytes(b"not an index" * 100)
    with pytest.raises(ScanUnderWay, match="PISTE-E146"):
        Index(folder / "bad.index", "a", "t")
    (folder / "link.index").symlink_to(folder / "services.index")
    with pytest.raises(OSError, match="symbolic links"):
        Index(folder / "link.index", "a", "t")
    assert scope_of(share, rules()) != scope_of(target(excluded=[{"path": "RH", "why": "x"}]), rules())


def test_the_list_of_an_owner_names_what_is_cold_or_double_and_what_stays(tmp_path: Path) -> None:
    share = target()
    index = Index(tmp_path / "services.index", "a", "t")
    assert walk(town(), share, rules(share), index, Pace(1000, 1 << 30, 600), NOW)
    listed = {(row["folder"], row["file"]): row for row in candidates(index)}
    index.close(ended=True)
    assert {name for _, name in listed} == {"budget.xlsx", "budget (copie).xlsx", "clos.pdf"}
    kept = listed["Finances", "budget (copie).xlsx"]
    assert (kept["keep"], kept["cold"], kept["duplicate"]) == (True, False, "1")
    assert [row["keep"] for place, row in listed.items() if place[1] == "budget.xlsx"] == [False, False]
