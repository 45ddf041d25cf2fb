from piste.dispatch import action

ActionModule = action("zabbix_links")
