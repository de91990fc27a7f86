"""The address book, whatever speaks it."""
