from piste.dispatch import action

ActionModule = action("storage_scan")
