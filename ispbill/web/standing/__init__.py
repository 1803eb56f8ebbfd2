"""Figures over a whole company that stand for a minute once there is much to read."""
