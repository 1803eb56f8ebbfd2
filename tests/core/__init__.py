"""Tests of ispbill.core."""
