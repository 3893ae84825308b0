"""Certificates of optima under Timeloop's model (docs/certify-timeloop.md, docs/timeloop-model.md)."""
