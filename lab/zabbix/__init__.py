"""Supervision of the lab: a real Zabbix server, its frontend and its database."""
