"""The files that configure PostgreSQL, the frontend and the server of a Zabbix."""

from __future__ import annotations

from lab.zabbix.host import NAME

DATABASE = "zabbix"
PORT = 10051
"""Port of the server, which has a network of its own."""
# Without any of these, a server that watches nothing starts a hundred processes.
_PROCESSES = (
    "Pollers",
    "Pingers",
    "Discoverers",
    "PollersUnreachable",
    "HTTPPollers",
    "Preprocessors",
    "AgentPollers",
    "HTTPAgentPollers",
    "SNMPPollers",
    "DBSyncers",
    "Timers",
    "Escalators",
    "Alerters",
    "LLDProcessors",
    "Trappers",
)
_CACHES = {"": "16M", "History": "8M", "HistoryIndex": "4M", "Trend": "4M", "Value": "8M"}


def postgresql(socket: str) -> dict[str, str]:
    """Return the files of the database by name; a client is known by its process."""
    settings = {
        "listen_addresses": "''",
        # Abstract: a path would be too long for a socket. The second is beside the data, for another network's server.
        "unix_socket_directories": f"'{socket}, ..'",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": "60",
        "shared_buffers": "64MB",
        "min_wal_size": "2MB",
        "max_wal_size": "64MB",
        "autovacuum_naptime": "10min",
        "log_min_messages": "fatal",
    }
    return {
        "postgresql.conf": "".join(f"{name} = {value}\n" for name, value in settings.items()),
        "pg_hba.conf": "local all all peer map=lab\n",
        "pg_ident.conf": f"lab {NAME} {DATABASE}\nlab {NAME} postgres\n",
    }


def frontend(socket: str, port: int) -> str:
    """Return the configuration of the frontend; `port` leads to the server."""
    database = {
        "TYPE": "POSTGRESQL",
        "SERVER": socket,
        "PORT": "5432",
        "DATABASE": DATABASE,
        "USER": DATABASE,
        **dict.fromkeys(("PASSWORD", "SCHEMA", "KEY_FILE", "CERT_FILE", "CA_FILE", "CIPHER_LIST"), ""),
        **dict.fromkeys(("VAULT", "VAULT_URL", "VAULT_PREFIX", "VAULT_DB_PATH", "VAULT_TOKEN"), ""),
    }
    lines = [f"$DB['{name}'] = '{value}';" for name, value in database.items()]
    lines += ["$DB['ENCRYPTION'] = false;", "$DB['VERIFY_HOST'] = false;", "$DB['DOUBLE_IEEE754'] = true;"]
    lines += ["$ZBX_SERVER = '127.0.0.1';", f"$ZBX_SERVER_PORT = '{port}';", "$ZBX_SERVER_NAME = 'laboratoire';"]
    return "\n".join(["<?php", *lines, "$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;", ""])


def server() -> str:
    """Return the configuration of the server, whose working folder is that of its files."""
    settings = {
        "ListenPort": str(PORT),
        "LogType": "console",
        "PidFile": "server.pid",
        "SocketDir": ".",
        "DBHost": "/proc/self/cwd",
        "DBName": DATABASE,
        "DBUser": DATABASE,
        "FpingLocation": "/usr/bin/fping",
        "CacheUpdateFrequency": "1",
        "VMwareCacheSize": "256K",
        "AllowUnsupportedDBVersions": "1",
        "AllowRoot": "1",
        **{f"Start{name}": "1" for name in _PROCESSES},
        # A host that is silent keeps a pinger for seconds.
        "StartPingers": "3",
        **{f"{name}CacheSize" if name else "CacheSize": size for name, size in _CACHES.items()},
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())
