from piste.runs.dispatch import action

ActionModule = action("dns_zones")
