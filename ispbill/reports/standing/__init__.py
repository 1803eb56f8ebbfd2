"""Figures over a whole company that stand for a minute once the company is large."""
