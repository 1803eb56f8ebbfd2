"""The demo: two made-up providers, months of whose life are played through the real verbs and the real schedule."""
