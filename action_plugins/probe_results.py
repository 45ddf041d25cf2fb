from piste.dispatch import action

ActionModule = action("probe_results")
