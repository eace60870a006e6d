"""Tests of campaigns on a virtual clock: nothing in here can send anything."""
