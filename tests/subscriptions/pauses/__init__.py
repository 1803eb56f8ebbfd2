"""Tests of pauses that are booked ahead."""
