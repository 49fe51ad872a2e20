"""People who sign in, by e-mail address. What they may do is in `apps.access`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from apps.common.models import Row


class UserManager(BaseUserManager["User"]):
    """Makes users and finds them by e-mail address, whatever its capitals."""

    def create_user(self, email: str, name: str, password: str | None = None) -> User:
        """Make a person who can sign in; without a password they cannot until they set one."""
        user = self.model(email=email.strip().lower(), name=name.strip())
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """The user with this e-mail address."""
        return self.get(email=(username or "").strip().lower())


class User(Row, AbstractBaseUser):
    """A person who signs in. There is no superuser: roles are memberships with dates."""

    email = models.EmailField("email address", max_length=254, unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_lower"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """The name other people read."""
        return self.name

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's own permissions are not used: see `apps.access`."""
        return False


class UnsentForm(Row):
    """What somebody has typed into a page's form and not sent: kept through crash and expiry.

    Theirs alone. Forgotten when they send the form or say so, and after two weeks.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    page = models.CharField("the address of the page", max_length=300)
    fields = models.JSONField("name of a field → its values")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "page"], name="unsent_form_once"),
        ]


class KnownDevice(Row):
    """A browser from which somebody has signed in, known by a cookie of which a digest is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    digest = models.CharField(max_length=64)
    browser = models.CharField(max_length=200)
    first_used_at = models.DateTimeField()
    last_used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="known_device_once"),
        ]
