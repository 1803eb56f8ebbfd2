"""What a purchase of prepaid time would come to."""
