"""Tests of the reasons of suspensions."""
