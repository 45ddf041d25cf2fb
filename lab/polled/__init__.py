"""What the lab's Zabbix polls in a twin: agents of SNMP, of Zabbix, a server of NUT."""
