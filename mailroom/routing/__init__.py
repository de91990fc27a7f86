"""What happens to the next mail: the rules that the mail server follows at delivery, in the server's own terms."""
