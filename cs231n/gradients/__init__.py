"""Gradient checks that say what is wrong; used through ``cs231n.gradient_check``."""
