"""Faults: rules that break what crosses, and their script."""
