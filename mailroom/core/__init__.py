"""What every room knows, and nothing that talks: settings, categories, addresses, errors."""
