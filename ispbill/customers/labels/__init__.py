"""Coloured words by which customers are grouped."""
