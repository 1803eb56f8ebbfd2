"""Cash that goes from hand to hand, signed by both."""
