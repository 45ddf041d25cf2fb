"""Sites: opening, adoption, verification, and what their documents are made of."""
