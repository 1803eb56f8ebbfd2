"""The pages on which a subscription is changed."""
