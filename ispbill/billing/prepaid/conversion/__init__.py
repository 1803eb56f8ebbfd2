"""From prepaid to postpaid and back."""
