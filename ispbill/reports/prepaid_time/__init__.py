"""Prepaid lines as recurring revenue."""
