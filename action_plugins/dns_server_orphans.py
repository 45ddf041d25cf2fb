from piste.dispatch import action

ActionModule = action("dns_server_orphans")
