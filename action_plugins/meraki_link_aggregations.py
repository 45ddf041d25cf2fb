from piste.runs.dispatch import action

ActionModule = action("meraki_link_aggregations")
