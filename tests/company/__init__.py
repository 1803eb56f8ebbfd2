"""Tests of the company feature."""
