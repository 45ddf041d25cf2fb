"""What a group policy object holds: one file per part, from bytes to what people declare and back."""
