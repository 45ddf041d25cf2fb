from piste.runs.dispatch import action

ActionModule = action("probe_results")
