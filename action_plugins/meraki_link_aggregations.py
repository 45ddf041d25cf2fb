from piste.dispatch import action

ActionModule = action("meraki_link_aggregations")
