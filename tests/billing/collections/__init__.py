"""Tests: collections."""
