from piste.dispatch import action

ActionModule = action("ad_authorities")
