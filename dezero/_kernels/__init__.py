"""From arrays to arrays: the only room where speed may cost beauty."""
