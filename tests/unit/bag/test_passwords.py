"""Passwords as people write them are found; what a reader takes for none is left alone."""

from __future__ import annotations

import time

import pytest

from piste.exports.bag.passwords import Reader

WRITTEN = (
    r"net use Z: \\srv\partage /user:svc Bourget2026!",
    r"net use Z: \\srv\partage Bourget2026! /user:VILLE\svc",
    "password=Bourget2026!",
    "mot de passe : Bourget2026!",
    "Server=hdv-sql1;Database=ixbus;User Id=sa;Password=Bourget-2026;",
    "$p = ConvertTo-SecureString 'Bourget2026!' -AsPlainText -Force",
    "psk: Bourget-Wifi-2026",
    "AKIAIOSFODNN7EXAMPLE",
    "api_key: 0123456789abcdef0123456789abcdef",
    "username admin password 5 $5$AAAA$bbbbbbbbbbbb role network-admin",
    "snmp-server community bourget group network-operator",
    'tacacs-server key 7 "fewhg123"',
    "mdp: azerty",
    "Mdp Toto2026",
    "MDP=Soleil93!",
    "le mot de passe est Bourget93",
    "Le mot de passe du copieur est : 12345678",
    "mot de passe admin du NAS : Qnap!2024",
    "compte admin / Bourget2026",
    "login : svc-sauvegarde, mdp : Veeam#2025",
    "login admin, 5P2sBJTRDXzk3x",
    "Mot de passe wifi → HQv8aGCKykj",
    "mot de passe (provisoire) : BbKbJn2bkU47",
    "code wifi : 93350000",
    "Code d’alarme 4271",
    "digicode : 12B45",
    "PIN: 4821",
    "code du coffre = 778899",
    "clé wifi : LeBourget2026",
    "clé du wifi invité = Invites93!",
    "clef wpa2 : Bourget!Wifi",
    "clé API : sk-93af21bb",
    "curl -u admin:Bourget2026 https://nas/",
    "curl --user 'svc:Toto!93' https://x",
    "https://admin:Bourget2026@nas.ville.example/partage",
    "ftp://copieur:scan2024@10.0.0.1",
    "Authorization: Basic YWRtaW46Ym91cmdldA==",
    "Authorization: Bearer abcdef0123456789",
    '"DefaultPassword"="Bourget93"',
    "<Password>Bourget93!</Password>",
    "<wsman:Password>Toto1234</wsman:Password>",
    "mysql -uroot -pBourget93 glpi",
    r"psexec \\pc1 -u admin -p Bourget93 cmd",
    "sshpass -p Bourget93 ssh admin@sw",
    r"schtasks /create /ru VILLE\svc /rp Bourget93",
    "cmdkey /add:srv /user:svc /pass:Bourget93",
    "wmic /node:pc /password:Bourget93 os",
    'New-LocalUser -Name adm -Password (ConvertTo-SecureString "Ete2026!" -AsPlainText -Force)',
    '"Ete2026!" | ConvertTo-SecureString -AsPlainText -Force',
    '$c = New-Object System.Net.NetworkCredential("svc", "Ete2026!")',
    "net user adm-local Ete2026! /add",
    "enable secret 9 $9$abc",
    "radius-server host 10.1.1.1 key 7 0822455D0A16",
    "radius-server key MonSecret93",
    "key 7 070C285F4D06",
    "communauté SNMP : bourget93",
    "SNMP community: Bourget_ro",
    "token: ghp_abcdefghij0123456789ABCD",
    "jeton = 8f3a9c2e77",
    'passphrase: "Le Bourget 93350!"',
    "secret=Zk9-pp21",
    "secret partagé radius : Nps93-Bourget",
    "DB_PASSWORD='glpi2026'",
    "--password=Bourget93",
    "export PGPASSWORD=Bourget93",
    "mots de passe : Admin93! et User93!",
    "connexion : admin/Bourget93",
    "identifiants: root:Bourget93",
    "clé bitlocker : 123456-234567-345678-456789-567890-678901-789012-890123",
    "mdp=«Bourget 93»",
    "Password : P@ssw0rd",
    "pwd:P@ssw0rd",
    "smbclient //srv/p -U svc%Toto93",
    "glpat-abcdefghij0123456789",
    "mongodb://u:Pass93@h/db",
    "spring.datasource.password=Bourget93",
    '"client_secret": "abc~DEF123ghi456"',
    "clientSecret: abc8Q~xyz",
    "wifiPassword: bourget2026",
    '<add key="pwd" value="x" /> pwd=Bourget93',
    "set PASSWORD=Bourget93",
    "mot de passe session : Ecole93",
    "tel 0148 - mdp Ecole2024",
)
PLAIN = (
    "mot de passe : voir le coffre",
    "Mot de passe : obligatoire",
    "Le mot de passe est changé tous les ans.",
    "Le mot de passe est dans le coffre de la DSI.",
    "password: {secret: piste/radius/ccas}",
    "password: null",
    "psk: piste/wifi/agents",
    "secret: wifi/agents",
    "token: !vault |",
    'password: "{{ vault_piste_zabbix_token }}"',
    "password: ${PASSWORD}",
    "password=$PASSWORD",
    "password = get_password()",
    "password: str",
    "MinimumPasswordLength = 12",
    "PasswordComplexity: 1",
    "PasswordHistorySize = 24",
    "ClearTextPassword = 0",
    "password_length: 14",
    "Le mot de passe a 14 caractères au moins.",
    "mot de passe : 14 caractères, dont un chiffre",
    "snmp_community: {$SNMP_COMMUNITY}",
    "Le secret partagé est dans le coffre.",
    "un jeton par agent : voir docs/supervision.md",
    "La clé publique est dans ancre.pem",
    "Les clés de la mairie : accueil, 2e étage",
    "code postal 93350",
    "code INSEE : 93013",
    "Code APE 8411Z",
    "code site : 12",
    "Le code est dans piste/exports/bag/scan.py",
    "Authorization: header",
    "community: public edition",
    "la communauté d’agglomération",
    "password=***",
    "password: '********'",
    "mot de passe : ………",
    "mot de passe : xxxx",
    "token: 2026-11-30",
    "wpa_key: WPA2",
    "RequirePassword: true",
    r"net use Z: \\srv\partage *",
    "net user administrateur /active:no",
    r"/user:VILLE\svc",
    "curl -u svc https://x",
    "https://ville.example:8443/x@y",
    "ssh://piste@coffre.ville.example/configurations.git",
    "secrets: 43 valeurs",
    "secret_macros: [a]",
    "mots de passe : 12 caractères",
    "pin: 4",
    "épingler (pin) un paquet",
    "compte admin, créé par la DSI",
    "compte : svc-dhcp, membre de DnsUpdateProxy",
    "compte piste et groupe",
    "Le compte svc-glpi / lecture seule",
    "utilisateur : agent.test, école",
    "password_expires: 2026-12-31",
    "tokens: 12",
    "PISTE-E049 clé piste/fingerprint",
    "passage: 802.1X",
    "pass: ok",
    "mot de passe : PISTE-M112",
    "key: value",
    "clé : sw-hdv-01/5",
    "mot de passe de stratégie (cpassword)",
)


@pytest.mark.parametrize("line", WRITTEN)
def test_a_password_that_somebody_wrote_is_found(line: str) -> None:
    for framed in (line, f"  description: {line}", f"<Comment>{line}</Comment>", f"\t# {line}\r"):
        assert Reader().read(framed), framed


@pytest.mark.parametrize("line", PLAIN)
def test_a_sentence_a_reference_or_a_policy_is_no_password(line: str) -> None:
    assert Reader().read(line) == ""


def test_a_value_below_the_name_of_its_setting_is_found() -> None:
    reader = Reader()
    lines = ["- name: DefaultPassword", "  kind: text", "  value: Bourget93", "- name: Taille", "  value: Bourget93"]
    assert [bool(reader.read(line)) for line in lines] == [False, False, True, False, False]


@pytest.mark.parametrize("part", ["mdp ", "net use ", "<a.password ", "username ", "1.1_", "login: a/", "\"'"])
def test_a_hostile_line_takes_a_time_in_proportion_to_its_length(part: str) -> None:
    def taken(length: int) -> float:
        line = part * (length // len(part))
        begun = time.process_time()
        Reader().read(line)
        return time.process_time() - begun

    taken(20_000)
    assert taken(400_000) < 60 * taken(20_000) + 0.5
