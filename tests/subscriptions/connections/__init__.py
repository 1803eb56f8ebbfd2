"""Tests of connections to ports."""
