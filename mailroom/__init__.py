"""Mailroom: label one mail, and its sender is filed for ever."""

from importlib.metadata import version

__version__ = version("mailroom")
USER_AGENT = f"Mailroom/{__version__}"
"""What every request says of who asks: some servers refuse those that say nothing."""
