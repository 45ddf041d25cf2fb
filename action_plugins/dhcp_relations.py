from piste.runs.dispatch import action

ActionModule = action("dhcp_relations")
