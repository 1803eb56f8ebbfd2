"""Tests of photos of installations."""
