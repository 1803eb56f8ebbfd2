"""What the screen of subscriptions asks while it is filled in."""
