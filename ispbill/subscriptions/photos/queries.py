"""Reads of photos: those of an installation, one with its file."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ispbill.core.db import db
from ispbill.subscriptions.photos.models import InstallationPhoto


def of_installation(installation_id: int) -> Sequence[InstallationPhoto]:
    """The photos of an installation with their files, without the pictures themselves, the oldest first."""
    return db.session.scalars(
        select(InstallationPhoto).where(InstallationPhoto.installation_id == installation_id)
        .options(joinedload(InstallationPhoto.file)).order_by(InstallationPhoto.id)
    ).all()


def get(photo_id: int) -> InstallationPhoto | None:
    """A photo with its file, without the picture itself."""
    return db.session.scalars(
        select(InstallationPhoto).where(InstallationPhoto.id == photo_id).options(joinedload(InstallationPhoto.file))
    ).one_or_none()


def count(installation_id: int) -> int:
    """How many photos an installation has."""
    return db.session.execute(
        select(func.count()).select_from(InstallationPhoto)
        .where(InstallationPhoto.installation_id == installation_id)
    ).scalar_one()
