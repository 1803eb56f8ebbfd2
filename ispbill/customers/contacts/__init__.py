"""Further people, phones and addresses through which a customer is reached."""
