"""The protection: where copies lie, what each family requires, what is protected."""
