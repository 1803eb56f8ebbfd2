"""Tests of what all HTML faces share."""
