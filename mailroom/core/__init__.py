"""What every room knows, and nothing that talks."""
