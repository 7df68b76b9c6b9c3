"""A password hasher that counts, so that a test can compare what two sign-ins cost."""

from __future__ import annotations

from django.contrib.auth.hashers import MD5PasswordHasher


class CountingHasher(MD5PasswordHasher):
    """MD5 under another name; `count` is how often a password was hashed."""

    algorithm = "counting"
    count = 0

    def encode(self, password: str, salt: str) -> str:
        """Hash and count."""
        CountingHasher.count += 1
        return super().encode(password, salt)
