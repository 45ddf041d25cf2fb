from piste.dispatch import action

ActionModule = action("dns_checks")
