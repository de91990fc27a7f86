"""What people and probes see."""
