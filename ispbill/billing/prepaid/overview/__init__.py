"""All subscriptions of all customers, prepaid and postpaid, in one list."""
