"""The reason for it all: senders are filed as their labels ask."""
