"""Tests: billing documents."""
