"""Certificates of the cost model `exact`."""
