"""Reports by e-mail: who gets which how often, and what was sent."""
