"""Whole programs, started as people start them."""
