"""Answers to the lab's Zabbix in a twin: agents of SNMP, of Zabbix, a server of NUT."""
