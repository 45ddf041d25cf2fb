from piste.runs.dispatch import action

ActionModule = action("ad_gpo_links")
