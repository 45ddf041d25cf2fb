from piste.runs.dispatch import action

ActionModule = action("zabbix_administrators")
