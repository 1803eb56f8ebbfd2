"""Tests: tickets."""
