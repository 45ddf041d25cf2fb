from piste.runs.dispatch import action

ActionModule = action("ad_organizational_units")
