"""Zabbix: its client, its tables and its drivers."""
