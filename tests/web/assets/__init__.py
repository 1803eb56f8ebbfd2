"""Tests of how the browser's files are built and found."""
