"""Active Directory, group policies, NPS and Windows servers, with nothing installed on them."""
