"""The service against a real Cyrus at a hundred times the normal rate, for as long as one likes: growth is a leak."""
