"""The pages on which a subscription is changed: each says what the next bill makes of it before it is done."""
