"""Tests: billing."""
