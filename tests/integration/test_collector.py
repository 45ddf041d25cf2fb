"""The collector for real: rsyslogd over TLS and UDP, clients of others, its refusals."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest
import trustme

from lab.authority import authority
from lab.declared import declared_town
from lab.rsyslog.server import Collector, obstacle
from piste.readings.logs.collector import Ears, Protocol, configuration, place
from piste.readings.logs.seals import seal_days
from piste.readings.logs.tree import read_day, read_tree
from piste.runs.records.journal import latest
from piste.town.model.logs.derived import TownLogs
from tests.support import forkserver

pytestmark = pytest.mark.skipif(bool(obstacle()), reason=obstacle())
ROOT = Path(__file__).parents[2]
TLS: tuple[Protocol, int] = ("tls", 6514)


@pytest.fixture(scope="module")
def logs() -> TownLogs:
    commune = declared_town().commune
    assert commune
    declared = commune["logs"]
    assert declared
    return declared


@pytest.fixture
def collector(tmp_path: Path, logs: TownLogs) -> Iterator[Collector]:
    running = Collector(tmp_path / "rsyslog", authority(tmp_path), logs).start()
    yield running
    running.close()


def arrived(collector: Collector, stream: str, count: int) -> list[str]:
    """Wait for the lines of a stream."""
    for _ in range(500):
        lines = [line for path in (collector.tree / stream).glob("*.log") for line in path.read_text().splitlines()]
        if len(lines) >= count:
            return lines
        time.sleep(0.02)
    raise AssertionError(f"{stream}: {(collector.folder / 'rsyslog.log').read_text()}")


def send_tls(collector: Collector, source: str, text: str, *, files: Path | None = None, cert: bool = True) -> int:
    """Send a line by `openssl s_client` from an address; give its exit code."""
    folder = files or collector.folder
    own = ["-cert", str(folder / "client.pem"), "-key", str(folder / "client.key")] if cert else []
    command = [
        "openssl", "s_client", "-connect", f"127.0.0.1:{collector.ports[TLS]}", "-bind", f"{source}:0", "-quiet",
        "-verify_return_error", "-no_ign_eof", "-CAfile", str(collector.folder / "ca.pem"), *own,
    ]  # fmt: skip
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False, timeout=20)
    return done.returncode


def send_udp(collector: Collector, source: str, text: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        sender.sendto(text, ("127.0.0.1", collector.ports["udp", 514]))


def test_what_arrives_is_filed_by_its_sender_and_its_day(collector: Collector) -> None:
    nps, school = collector.senders["nps"], collector.senders["meraki/ecole-jaures"]
    send_tls(collector, nps, "<13>Nov 27 10:00:00 hdv-nps1 ias: accord\n")
    send_udp(collector, school, b"<134>1 1690000000.1 sw-jau-01 events type=8021x_auth\n")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    (line,) = arrived(collector, "nps", 1)
    assert line.startswith(today)
    assert line.endswith(f"+00:00 {nps} <13>Nov 27 10:00:00 hdv-nps1 ias: accord")
    assert len(arrived(collector, "meraki/ecole-jaures", 1)) == 1
    assert [path.name for path in (collector.tree / "nps").iterdir()] == [f"{today}.log"]


@pytest.mark.story
def test_rsyslogs_own_client_sends_over_tls(tmp_path: Path, logs: TownLogs) -> None:
    collector = Collector(tmp_path / "rsyslog", authority(tmp_path), logs)
    # This client cannot choose the address that it sends from.
    collector.senders["nps"] = "127.0.0.1"
    port = collector.start().ports[TLS]
    (tmp_path / "essai.log").write_text("".join(f"ligne {number}\n" for number in range(200)))
    (tmp_path / "client.conf").write_text(
        f'global(workDirectory="{tmp_path}" defaultNetstreamDriverCAFile="{collector.folder}/ca.pem"\n'
        f' defaultNetstreamDriverCertFile="{collector.folder}/client.pem"\n'
        f' defaultNetstreamDriverKeyFile="{collector.folder}/client.key")\n'
        'module(load="imfile")\n'
        f'input(type="imfile" file="{tmp_path}/essai.log" tag="essai")\n'
        f'action(type="omfwd" target="127.0.0.1" port="{port}" protocol="tcp"\n'
        ' streamDriver="gtls" streamDriverMode="1" streamDriverAuthMode="x509/name"\n'
        ' streamDriverPermittedPeers="127.0.0.1")\n'
    )
    client = subprocess.Popen(["rsyslogd", "-n", "-i", "NONE", "-f", tmp_path / "client.conf"])
    try:
        lines = arrived(collector, "nps", 200)
    finally:
        client.terminate()
        client.wait(20)
        collector.close()
    assert lines[-1].endswith("essai ligne 199")


def test_neither_a_stranger_nor_a_message_chooses_a_file(collector: Collector, tmp_path: Path) -> None:
    nps, school = collector.senders["nps"], collector.senders["meraki/ecole-jaures"]
    other = trustme.CA()
    files = tmp_path / "stranger"
    files.mkdir()
    leaf = other.issue_cert("hdv-nps1.ad.lebourget.example", common_name="hdv-nps1.ad.lebourget.example")
    leaf.private_key_pem.write_to_path(files / "client.key")
    leaf.cert_chain_pems[0].write_to_path(files / "client.pem")
    named = tmp_path / "named"
    named.mkdir()
    leaf = authority(tmp_path).issue_cert("autre.example", common_name="autre.example")
    leaf.private_key_pem.write_to_path(named / "client.key")
    leaf.cert_chain_pems[0].write_to_path(named / "client.pem")
    # Several times, in turn: a driver of rsyslog lets the wrong name in only after other refusals.
    for _ in range(4):
        send_tls(collector, nps, "<13>sans certificat\n", cert=False)
        send_tls(collector, nps, "<13>autre autorite\n", files=files)
        send_tls(collector, nps, "<13>autre nom\n", files=named)
    send_tls(collector, "127.93.9.9", "<13>autre adresse\n")
    send_udp(collector, "127.93.9.9", b"<13>inconnu")
    send_udp(collector, nps, b"<13>par un autre port")
    send_udp(collector, school, b"<13>../../etc/passwd: /srv/x %fromhost% $!path\x1b[2J\r\n2020-01-01T00:00:00Z faux")
    send_tls(collector, nps, "<13>vrai\n")
    assert [line.rpartition("<13>")[2] for line in arrived(collector, "nps", 1)] == ["vrai"]
    (line,) = arrived(collector, "meraki/ecole-jaures", 1)
    assert "#033[2J" in line
    assert "2020-01-01T00:00:00Z faux" in line
    written = [path.relative_to(collector.tree).parts[0] for path in collector.tree.rglob("*.log")]
    assert sorted(written) == ["meraki", "nps"]


def test_two_collectors_live_side_by_side_and_leave_nothing(tmp_path: Path, logs: TownLogs) -> None:
    both = [Collector(tmp_path / name, authority(tmp_path), logs).start() for name in ("a", "b")]
    assert both[0].ports != both[1].ports
    for collector in both:
        send_udp(collector, collector.senders["pare-feu"], b"<13>CEF:0|Forcepoint\n")
        assert len(arrived(collector, "pare-feu", 1)) == 1
    leader = both[0]._process
    assert leader
    # Killed as a lab is: the end of its standard input must end the daemon.
    assert leader.stdin
    leader.stdin.close()
    leader.wait(20)
    both[0]._process = None
    both[1].close()
    wait_until(lambda: not left(tmp_path))


def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        time.sleep(0.02)
    raise AssertionError


def left(folder: Path) -> list[str]:
    """List the processes whose command names a folder."""
    seen = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command and "rsyslogd" in command:
            seen.append(command)
    return seen


def test_the_configuration_of_production_is_what_rsyslog_takes(tmp_path: Path, logs: TownLogs) -> None:
    text = configuration(logs)
    (tmp_path / "rsyslog.conf").write_text(text)
    done = subprocess.run(["rsyslogd", "-N1", "-f", tmp_path / "rsyslog.conf"], capture_output=True, text=True)
    # The files of its certificate are on another machine, and so are the accounts.
    expected = ("file", "ID for user", "ID for group", "version 8", "End of config")
    complaints = [line for line in done.stderr.splitlines() if not any(words in line for words in expected)]
    assert complaints == [], done.stderr


def test_what_the_collector_wrote_is_read_and_sealed(
    collector: Collector, logs: TownLogs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_LOG_SEALS_DIR", str(tmp_path / "seals"))
    send_udp(collector, collector.senders["pare-feu"], b"<13>CEF:0|Forcepoint\n")
    arrived(collector, "pare-feu", 1)
    tree = read_tree(collector.tree, [stream["name"] for stream in logs["streams"] if stream["port"]])
    assert tree.strays == []
    (day,) = tree.days["pare-feu"]
    content = read_day(day)
    assert content["lines"] == 1
    assert content["first"] == content["last"]
    assert content["first"]
    assert content["first"].startswith(str(day.day))
    assert seal_days("lab", tree, datetime.now(UTC)).sealed == []


@pytest.mark.skipif(not shutil.which("setfacl") or os.geteuid() != 0, reason="setfacl, en root")
def test_the_role_makes_the_tree_and_changes_nothing_twice(
    tmp_path: Path, logs: TownLogs, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The role on this machine, without its packages, its accounts and its service."""
    tree = tmp_path / "tree"
    files = {name: str(collector.folder / name) for name in ("server.pem", "server.key", "ca.pem")}
    here = Ears(PurePosixPath(tree), PurePosixPath(tmp_path), *files.values(), owner="root", group="root")
    readers = ["daemon", "mail"]
    wanted = {
        "configuration": configuration(logs, here),
        "tree": str(tree), "owner": "root", "group": "root", "readers": readers,
        "folders": [
            place(str(tree), readers), place(f"{tree}/nps", readers), place(f"{tree}/meraki/ecole-jaures", ["mail"])
        ],
    }  # fmt: skip
    given = {
        "collector_described": wanted, "collector_system": False, "collector_hosts": "localhost",
        "collector_file": str(tmp_path / "60-piste.conf"), "collector_become": False,
        "ansible_connection": "local", "ansible_pipelining": True, "ansible_python_interpreter": sys.executable,
    }  # fmt: skip
    inventories = ["-i", "localhost,", "-i", "inventories/town", "-i", "inventories/lab"]
    command = ["ansible-playbook", *inventories, "playbooks/collector.yml", "-e", json.dumps(given)]
    # It goes to machines by modules that know of no journal: a first task of Piste's does.
    monkeypatch.setenv("ANSIBLE_CALLBACKS_ENABLED", "timer")

    def play() -> subprocess.CompletedProcess[str]:
        forked = {**os.environ, **forkserver.variables()}
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=forked)

    refused = play()
    assert "PISTE-E037" in refused.stdout, refused.stdout
    assert (refused.returncode == 0, tree.exists()) == (False, False)
    monkeypatch.delenv("ANSIBLE_CALLBACKS_ENABLED")
    monkeypatch.setenv("PISTE_JOURNAL_DIR", str(tmp_path / "journal"))
    first, second = play(), play()
    said = latest(tmp_path / "journal", "lab")
    assert [record["outcome"] for record in said] == ["changes", "ok"]
    assert {"copy", "file"} <= {task["module"] for task in said[0]["tasks"] if task["status"] == "changed"}
    assert first.returncode == 0, first.stdout + first.stderr
    assert re.search(r"changed=[1-9]\d* ", first.stdout)
    assert "changed=0 " in second.stdout, second.stdout
    rights = subprocess.run(["getfacl", "-cp", tree / "meraki/ecole-jaures"], capture_output=True, text=True).stdout
    assert "group:mail:r-x" in rights
    assert "group:daemon" not in rights
    assert "other::---" in rights
    # Another reader of another source: the rights of the tree change, those of this source do not.
    wanted["folders"][0] = place(str(tree), [*readers, "news"])
    subprocess.run(["setfacl", "-m", "u:nobody:r", tree / "nps"], check=True)
    command[-1] = json.dumps(given)
    done = play()
    assert done.returncode == 0, done.stdout + done.stderr
    for name, closed in (("meraki/ecole-jaures", "group:(daemon|news)"), ("nps", "group:news|user:nobody")):
        rights = subprocess.run(["getfacl", "-cp", tree / name], capture_output=True, text=True).stdout
        assert not re.search(closed, rights), rights
