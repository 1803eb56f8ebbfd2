"""Installations: a line at an address, from the day it is planned to the day it is taken down."""
