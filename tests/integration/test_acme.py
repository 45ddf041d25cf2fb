"""Internal names by ACME: pebble issues, lego renews, the scan judges what is served."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509

from lab.declared import REPOSITORY
from piste.readings.certificates.judgment import judge
from piste.readings.certificates.scan import place
from piste.readings.certificates.served import served, trusting
from piste.town.model.dates import now
from tests.support import forkserver, frozen
from tests.unit.certificates.test_judgment import certificate, town

NAME = "assistance.ad.lebourget.example"
DAYS = 7

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("pebble", "pebble-challtestsrv", "lego"))), reason="pebble and lego are not installed"
)


def free(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


class Acme:
    """An authority on this machine, and a client whose folder is that of a server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, management, self.http, tls, names, control = free(6)
        own = trustme.CA()
        leaf = own.issue_cert("localhost", "127.0.0.1")
        own.cert_pem.write_to_path(folder / "api.pem")
        leaf.private_key_pem.write_to_path(folder / "key.pem")
        leaf.cert_chain_pems[0].write_to_path(folder / "cert.pem")
        self.management = management
        config = {
            "listenAddress": f"127.0.0.1:{self.port}", "managementListenAddress": f"127.0.0.1:{management}",
            "certificate": str(folder / "cert.pem"), "privateKey": str(folder / "key.pem"), "httpPort": self.http,
            "tlsPort": tls, "ocspResponderURL": "", "externalAccountBindingRequired": False,
            "certificateValidityPeriod": DAYS * 86_400,
        }  # fmt: skip
        (folder / "pebble.json").write_text(json.dumps({"pebble": config}))
        answers = [
            "-defaultIPv6", "", "-defaultIPv4", "127.0.0.1", "-dns01", f"127.0.0.1:{names}", "-http01", "",
            "-https01", "", "-tlsalpn01", "", "-doh", "", "-management", f"127.0.0.1:{control}",
        ]  # fmt: skip
        quick = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
        log = (folder / "log").open("wb")
        self.programs = [
            subprocess.Popen(["pebble-challtestsrv", *answers], stdout=log, stderr=log),
            subprocess.Popen(
                ["pebble", "-config", str(folder / "pebble.json"), "-dnsserver", f"127.0.0.1:{names}"],
                env=quick, stdout=log, stderr=log,
            ),
        ]  # fmt: skip
        for _ in range(600):
            with socket.socket() as attempt:
                if not attempt.connect_ex(("127.0.0.1", self.port)) and not attempt.close():
                    break
            time.sleep(0.05)

    def root(self) -> Path:
        """Write the root of the authority, which people would publish to the machines of the town."""
        from urllib.request import urlopen

        trust = ssl.create_default_context(cafile=str(self.folder / "api.pem"))
        path = self.folder / "root.pem"
        with urlopen(f"https://localhost:{self.management}/roots/0", context=trust) as answer:
            path.write_bytes(answer.read())
        return path

    def lego(self, *command: str) -> None:
        given = [
            "lego", "--server", f"https://localhost:{self.port}/dir", "--accept-tos", "--email", "dsi@ville.example",
            "--path", str(self.folder / "server"), "--domains", NAME, "--http", "--http.port", f"127.0.0.1:{self.http}",
        ]  # fmt: skip
        trusted = {**os.environ, "LEGO_CA_CERTIFICATES": str(self.folder / "api.pem")}
        subprocess.run([*given, *command], env=trusted, check=True, capture_output=True, timeout=120)

    @property
    def pair(self) -> tuple[Path, Path]:
        place = self.folder / "server" / "certificates"
        return place / f"{NAME}.crt", place / f"{NAME}.key"

    def close(self) -> None:
        for program in self.programs:
            program.terminate()
            program.wait(10)


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acme]:
    running = Acme(tmp_path_factory.mktemp("acme"))
    yield running
    running.close()


class Service:
    """A service that serves the certificate of its folder, and reads it again without stopping."""

    def __init__(self, acme: Acme) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.acme = acme
        self.reload()
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._listen, daemon=True).start()

    def reload(self) -> None:
        self.context.load_cert_chain(*map(str, self.acme.pair))

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
                connection.settimeout(10)
                with connection, self.context.wrap_socket(connection, server_side=True) as secured:
                    secured.recv(1)
            except (OSError, ValueError):
                if self.listener.fileno() < 0:
                    return


@frozen.by_the_real_clock("pebble, lego")
def test_a_name_is_issued_alerted_and_renewed_with_another_key_without_a_stop(acme: Acme) -> None:
    acme.lego("run")
    trust = trusting(str(acme.root()))
    service = Service(acme)
    port = service.listener.getsockname()[1]
    entry = certificate(name="assistance", names=[NAME], alert_days=3, renewal="acme", host=NAME, port=443)
    there = {"elsewhere": {"assistance": {"address": "127.0.0.1", "port": port}}}

    def read() -> Any:
        return served(place(entry, there), trust)

    first = read()
    declared = town(entry)
    declared["authorities"][0]["issuers"] = [first["issuer"]]
    declared["authorities"][0]["kind"] = "internal"
    assert judge(entry, first, declared, now()).faults == {}
    assert (first["trusted"], first["names"]) == (True, [NAME])
    later = judge(entry, first, declared, now() + timedelta(days=DAYS - 2))
    assert (set(later.faults), "lego renew" in later.todo) == ({"due"}, True)
    key = acme.pair[1].read_bytes()
    acme.lego("renew", "--days", "30", "--no-random-sleep")
    assert read() == first  # served until the service reads its certificate again
    service.reload()
    second = read()
    assert judge(entry, second, declared, now()).faults == {}
    assert second["fingerprint"] != first["fingerprint"]
    assert second["not_after"] >= first["not_after"]
    assert acme.pair[1].read_bytes() != key
    assert acme.pair[1].stat().st_mode & 0o077 == 0
    service.listener.close()


def test_the_private_key_is_on_the_server_alone(acme: Acme) -> None:
    """The authority has had requests and proofs; the key is in no other folder."""
    if not acme.pair[1].exists():
        acme.lego("run")
    key = b"".join(acme.pair[1].read_bytes().splitlines()[1:-1])
    elsewhere = [path for path in acme.folder.rglob("*") if path.is_file() and "server" not in path.parts]
    assert elsewhere
    assert not [path for path in elsewhere if key in b"".join(path.read_bytes().splitlines())]
    chain = x509.load_pem_x509_certificates(acme.pair[0].read_bytes())
    assert len(chain) >= 2


def test_the_playbook_writes_what_asks_then_renews_on_the_server(acme: Acme, tmp_path: Path) -> None:
    """The server is this machine; its program is run as the timer runs it."""
    given = {
        "piste_acme": {
            "assistance": {
                "directory": f"https://localhost:{acme.port}/dir", "listen": f"127.0.0.1:{acme.http}",
            }
        },
        "acme_connection": "local", "ansible_pipelining": True, "acme_running": False, "acme_mail": "dsi@ville.example",
        "acme_ca_file": str(acme.folder / "api.pem"), "acme_units": str(tmp_path),
        "acme_folder": str(tmp_path / "keys"), "acme_settings": str(tmp_path / "settings"),
    }  # fmt: skip

    def play(**changed: Any) -> subprocess.CompletedProcess[str]:
        inventories = ("-i", "inventories/town", "-i", "inventories/lab")
        return subprocess.run(
            ["ansible-playbook", "playbooks/acme.yml", *inventories, "-e", json.dumps(given | changed)],
            capture_output=True, text=True, check=False, cwd=REPOSITORY, env={**os.environ, **forkserver.variables()},
        )  # fmt: skip

    done = play()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hdv-glpi1" in done.stdout
    assert "rien n’y est fait" in done.stdout, "the others are named"
    program, service = tmp_path / "settings" / "assistance.sh", tmp_path / "piste-acme@.service"
    assert f"ExecStart={program.parent}/%i.sh" in service.read_text("utf-8")
    assert (program.stat().st_mode & 0o777, (tmp_path / "keys").stat().st_mode & 0o777) == (0o700, 0o700)
    keys = []
    for _ in range(2):
        ran = subprocess.run([program], capture_output=True, text=True, check=False, timeout=120)
        assert ran.returncode == 0, ran.stderr
        keys.append((tmp_path / "keys" / "certificates" / f"{NAME}.key").read_bytes())
    assert keys[0] != keys[1], "a renewal has another key"
    again = play()
    assert "changed=0" in again.stdout, again.stdout
    refused = play(piste_acme={"site-de-la-ville": {}})
    assert (refused.returncode, "piste_acme nomme site-de-la-ville" in refused.stdout) == (2, True), refused.stdout
