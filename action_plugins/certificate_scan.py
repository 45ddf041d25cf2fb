from piste.dispatch import action

ActionModule = action("certificate_scan")
