"""Condition the city's people and death rates on what is published up to a cut-off."""
