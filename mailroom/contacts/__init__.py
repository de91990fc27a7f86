"""The address book, whatever speaks it: its interface, its values, its notes."""
