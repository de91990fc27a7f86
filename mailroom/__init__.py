"""Mailroom: label one mail, and its sender is filed for ever."""

from importlib.metadata import version

__version__ = version("mailroom")
