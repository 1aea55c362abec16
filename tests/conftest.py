"""Settings of the tests."""

from hypothesis import settings

settings.register_profile("steady", derandomize=True, database=None, deadline=None, max_examples=50)
settings.register_profile("night", deadline=None, max_examples=5000)
settings.load_profile("steady")
