"""The configuration of Network Policy Servers (NPS): RADIUS clients and policies, as one exported document."""
