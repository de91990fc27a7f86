"""Rules for the next mail: what the mail server follows at delivery, in its own terms."""
