#!/usr/bin/env bash
# Make .venv with what a profile needs: `demo` to run Piste on the lab, `kerberos` to sign in to Windows by Kerberos as
# well, `test` to check all of it.
# A stamp per profile, keyed by all that the result depends on, makes a second call do nothing.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

profile=${1:-demo}
case $profile in
    demo | kerberos | test) ;;
    *)
        echo "Profil inconnu : « $profile ». Usage : scripts/bootstrap.sh [demo|kerberos|test]" >&2
        exit 2
        ;;
esac

# The first python3 on PATH can be an old one (pyenv) or that of a virtual environment, hence the real
# path; Debian ships python3 without ensurepip.
find_python() {
    local candidate candidates=(/usr/bin/python3 python3.14 python3.13 python3.12 python3)
    [[ -z ${PISTE_PYTHON:-} ]] || candidates=("$PISTE_PYTHON")
    for candidate in "${candidates[@]}"; do
        if "$candidate" -c 'import ensurepip, os, sys, venv
if sys.version_info < (3, 12): sys.exit(1)
print(os.path.realpath(sys.executable))' 2>/dev/null; then
            return
        fi
    done
}

# The lock of the lists has no time limit of its own: apt-get gives up at once.
update_debian() {
    local said tries=0
    until said=$(LC_ALL=C apt-get -qq update 2>&1); do
        [[ $said == *lists/lock* ]] && ((++tries < 180)) || {
            echo "$said" >&2
            return 1
        }
        sleep 5
    done
}

# Debian starts the services that it installs; one of Samba's would take the ports of every address.
install_debian() {
    # Another installation holds the lock of dpkg for minutes at the start of a machine (unattended upgrades).
    local wait=(-o DPkg::Lock::Timeout=900)
    local apt=(apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 "${wait[@]}" install "$@")
    local policy=/usr/sbin/policy-rc.d status=0
    export DEBIAN_FRONTEND=noninteractive
    [[ -e $policy ]] && policy= || install -m 755 /dev/stdin "$policy" <<<$'#!/bin/sh\nexit 101'
    "${apt[@]}" || { update_debian && "${apt[@]}"; } || status=$?
    [[ -z $policy ]] || rm -f "$policy"
    return "$status"
}

can_install() { [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; }

missing=()
[[ -n ${PISTE_PYTHON:-}$(find_python) ]] || missing+=(python3 python3-venv)
[[ $profile != test ]] || command -v git >/dev/null || missing+=(git)
if [[ ${#missing[@]} -gt 0 ]]; then
    if ! can_install; then
        echo "Il manque des paquets à cette machine. Installez-les, puis relancez la même commande :" >&2
        echo "    sudo apt-get install ${missing[*]}" >&2
        echo "(Python 3.12 au moins, avec venv ; PISTE_PYTHON=/chemin/python3 en désigne un autre.)" >&2
        exit 1
    fi
    step apt "Installer les paquets Debian (${missing[*]})" install_debian "${missing[@]}"
fi
# The lab's directory is Debian's Samba. The demonstration does without it, and says so; the checks do not.
has_samba() {
    PATH=$PATH:/usr/sbin type -P samba samba-tool smbclient zstd && /usr/bin/python3 -c 'import samba.provision'
} >/dev/null 2>&1
mapfile -t samba <requirements/samba.txt
if ! has_samba; then
    if can_install; then
        step apt-samba "Installer Samba, l’annuaire du laboratoire" install_debian "${samba[@]}"
    else
        echo "  Samba manque : le laboratoire sera sans annuaire. Pour l’avoir : sudo apt-get install ${samba[*]}" >&2
        [[ $profile != test ]] || exit 1
    fi
fi
# Its RADIUS servers are Debian's FreeRADIUS, and what tries them is eapol_test.
has_radius() {
    PATH=$PATH:/usr/sbin type -P freeradius eapol_test
} >/dev/null 2>&1
mapfile -t radius <requirements/radius.txt
if ! has_radius; then
    if can_install; then
        step apt-radius "Installer FreeRADIUS, le RADIUS du laboratoire" install_debian "${radius[@]}"
    else
        echo "  FreeRADIUS manque : le 802.1X ne s’essaie pas. Pour l’avoir : sudo apt-get install ${radius[*]}" >&2
        [[ $profile != test ]] || exit 1
    fi
fi
# Its supervision is Debian's Zabbix on PostgreSQL. The demonstration does without it, and says so; the checks do not.
has_zabbix() {
    PATH=$PATH:/usr/sbin type -P zabbix_server php fping ip zstd && ls /usr/share/zabbix/api_jsonrpc.php &&
        ls /usr/lib/postgresql/*/bin/initdb && php -m | grep -q pgsql
} >/dev/null 2>&1
mapfile -t zabbix <requirements/zabbix.txt
if ! has_zabbix; then
    if [[ $profile == test ]] && can_install; then
        step apt-zabbix "Installer Zabbix, la supervision du laboratoire" install_debian "${zabbix[@]}"
    else
        echo "  Zabbix manque : le laboratoire sera sans supervision. Pour l’avoir : sudo apt-get install ${zabbix[*]}" >&2
        [[ $profile != test ]] || exit 1
    fi
fi
# The twin of the town: real switching, filtering, leases and names on this machine. The demonstration does without.
has_twin() {
    PATH=$PATH:/usr/sbin type -P ip nft ovs-vswitchd kea-dhcp4 dhcpcd unbound ping openssl wpa_supplicant
} >/dev/null 2>&1
mapfile -t twin <requirements/twin.txt
if [[ $profile == test ]] && ! has_twin; then
    if can_install; then
        step apt-twin "Installer ce dont se fait le jumeau de la ville" install_debian "${twin[@]}"
    else
        echo "  Le jumeau ne s’essaie pas. Pour l’avoir : sudo apt-get install ${twin[*]}" >&2
    fi
fi
# What the checks alone need; the demonstration does without, and says so.
for_checks() { # for_checks NAME LABEL PURPOSE PROGRAM…: the packages of requirements/NAME.txt, unless each program is there
    local name=$1 label=$2 purpose=$3 packages
    shift 3
    if [[ $profile != test ]] || PATH=$PATH:/usr/sbin:/lib/nut type -P "$@" >/dev/null; then
        return
    fi
    mapfile -t packages <"requirements/$name.txt"
    if can_install; then
        step "apt-$name" "$label" install_debian "${packages[@]}"
    else
        echo "  $purpose : sudo apt-get install ${packages[*]}" >&2
        exit 1
    fi
}
# To make the documents takes neither of the two.
for_checks documents "Installer Chromium et qpdf, qui contrôlent les documents" "Pour contrôler les documents" chromium qpdf
# An authority and a client of ACME, with which the renewal of internal names is proven.
for_checks acme "Installer pebble et lego, qui essaient ACME" "Pour essayer ACME" pebble pebble-challtestsrv lego
# The supplies of the town are read from Debian's NUT, whose dummy driver stands for them.
for_checks nut "Installer NUT, qui lit les onduleurs" "Pour lire des onduleurs" upsd
# In a twin, the lab's Zabbix polls real agents: of SNMP, of Zabbix, and NUT that reads supplies by SNMP.
for_checks polled "Installer ce que la supervision interroge dans un jumeau" "Pour que Zabbix interroge un jumeau" \
    snmpd zabbix_agent2 snmp-ups
# The logs of the lab are received by Debian's rsyslog, over TLS.
for_checks rsyslog "Installer rsyslog, qui reçoit les journaux" "Pour recevoir des journaux" rsyslogd
# The program that measures the computers is signed.
for_checks signing "Installer osslsigncode, qui signe les programmes" "Pour signer un programme" osslsigncode
# Shares come back from a repository of restic.
for_checks restic "Installer restic, qui sauvegarde les partages" "Pour restaurer des partages" restic
# The vault that goes beside a bag is opened with these two.
for_checks vault "Installer age et ssss, qui ouvrent le coffre" "Pour ouvrir le coffre" age ssss-split
# Debian's agent gives the inventory of a real machine to the lab's GLPI. Its test says so where it is not there.
mapfile -t agent <requirements/agent.txt
if [[ $profile == test ]] && ! type -P fusioninventory-agent >/dev/null && can_install; then
    step apt-agent "Installer un agent d’inventaire" install_debian "${agent[@]}"
fi
# Kerberos is compiled against the system's own libraries; the demonstration needs neither.
has_krb5() {
    type -P gcc krb5-config && ls /usr/include/python3*/Python.h
} >/dev/null 2>&1
mapfile -t krb5 <requirements/kerberos-debian.txt
if [[ $profile != demo ]] && ! has_krb5; then
    if can_install; then
        step apt-kerberos "Installer ce qui compile Kerberos" install_debian "${krb5[@]}"
    else
        echo "  Pour Kerberos : sudo apt-get install ${krb5[*]}" >&2
        exit 1
    fi
fi
python=$(find_python)
if [[ -z $python ]]; then
    echo "${PISTE_PYTHON:-/usr/bin/python3} ne convient pas : il faut Python 3.12 au moins, avec venv." >&2
    echo "Désignez-en un autre, puis relancez la même commande : export PISTE_PYTHON=/chemin/python3" >&2
    exit 1
fi

key() { # key FILE…: the interpreter, the folder (scripts hold its path), the package, the locks
    {
        "$python" -VV
        pwd
        sed '/^\[tool\./q' pyproject.toml
        cat "$@"
    } | sha256sum
}

pip_install() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input "$@"
}

install_lock() {
    pip_install --require-hashes --requirement "requirements/$1.txt"
}

install_demo() {
    install_lock demo && pip_install --no-deps --no-build-isolation --editable .
}

install_apart() { # install_apart NAME: clients that are not ours, in an environment of their own
    "$python" -m venv --clear ".cache/$1" &&
        ".cache/$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
            --require-hashes --requirement "requirements/$1.txt"
}

install_editor() {
    mkdir -p .cache/editor && cp tests/support/editor/package*.json .cache/editor &&
        npm ci --prefix .cache/editor --ignore-scripts --no-audit --no-fund --silent
}

is_ready() { # is_ready PROFILE KEY
    [[ -f .venv/.ready-$1 && $(<".venv/.ready-$1") == "$2" ]]
}

demo_key=$(key requirements/demo.txt)
kerberos_key=$(key requirements/demo.txt requirements/kerberos.txt)
test_key=$(key requirements/demo.txt requirements/test.txt)
if ! is_ready demo "$demo_key"; then
    step venv "Créer l’environnement Python (.venv, $("$python" -V))" "$python" -m venv --clear .venv
    step pip-demo "Installer Piste et le laboratoire" install_demo
    echo "$demo_key" >.venv/.ready-demo
fi
if [[ $profile != demo ]] && ! is_ready kerberos "$kerberos_key"; then
    step pip-kerberos "Compiler et installer Kerberos" install_lock kerberos
    echo "$kerberos_key" >.venv/.ready-kerberos
fi
if [[ $profile == test ]] && ! is_ready test "$test_key"; then
    step pip-test "Installer les outils de vérification" install_lock test
    echo "$test_key" >.venv/.ready-test
fi
# A client that is not ours, to hold the lab's Prism Central to; its pins and ours do not go together.
nutanix_key=$(key requirements/nutanix.txt)
if [[ $profile == test && ! (-f .cache/nutanix/.ready && $(<.cache/nutanix/.ready) == "$nutanix_key") ]]; then
    step venv-nutanix "Installer les SDK de Nutanix, à part" install_apart nutanix
    echo "$nutanix_key" >.cache/nutanix/.ready
fi
# Likewise for the lab's GLPI; one of its clients is under the AGPL, and never with our code.
glpi_key=$(key requirements/glpi.txt)
if [[ $profile == test && ! (-f .cache/glpi/.ready && $(<.cache/glpi/.ready) == "$glpi_key") ]]; then
    step venv-glpi "Installer les clients de GLPI, à part" install_apart glpi
    echo "$glpi_key" >.cache/glpi/.ready
fi
# Likewise for the lab's Veeam.
veeam_key=$(key requirements/veeam.txt)
if [[ $profile == test && ! (-f .cache/veeam/.ready && $(<.cache/veeam/.ready) == "$veeam_key") ]]; then
    step venv-veeam "Installer le client de Veeam, à part" install_apart veeam
    echo "$veeam_key" >.cache/veeam/.ready
fi
# Likewise for the lab's Microsoft 365.
microsoft_key=$(key requirements/microsoft.txt)
if [[ $profile == test && ! (-f .cache/microsoft/.ready && $(<.cache/microsoft/.ready) == "$microsoft_key") ]]; then
    step venv-microsoft "Installer la bibliothèque de Microsoft, à part" install_apart microsoft
    echo "$microsoft_key" >.cache/microsoft/.ready
fi
# A language server, to edit the declaration as an editor does; it runs on Playwright's Node.js. Its test says so where
# npm is not there to install it.
editor_key=$(sha256sum <tests/support/editor/package-lock.json)
if [[ $profile == test && ! (-f .cache/editor/.ready && $(<.cache/editor/.ready) == "$editor_key") ]] &&
    command -v npm >/dev/null; then
    step npm-editor "Installer le serveur de langage YAML" install_editor
    echo "$editor_key" >.cache/editor/.ready
fi
