"""What a customer is served at each of their lines: postpaid, prepaid, or nothing."""
