"""What the account holds, and the states that tell what changed in it."""
