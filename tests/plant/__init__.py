"""Tests of the fibre plant."""
