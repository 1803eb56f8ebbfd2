"""Verbs of photos: add one to an installation, remove it."""
from __future__ import annotations

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.files import service as files
from ispbill.files.policy import IMAGES
from ispbill.subscriptions.models import Installation
from ispbill.subscriptions.photos import queries
from ispbill.subscriptions.photos.models import InstallationPhoto

MOST_PHOTOS = 20
_LONGEST_CAPTION = 200


def add(line: Installation, *, content: bytes, name: str, caption: str = "") -> InstallationPhoto:
    """Keep a photo of an installation.

    Raises Invalid for what is no picture or too large, Conflict where there are many already.
    """
    if len(caption.strip()) > _LONGEST_CAPTION:
        raise Invalid(_("A caption has at most %(longest_caption)s characters.", longest_caption=_LONGEST_CAPTION),
                      field="caption")
    if queries.count(line.id) >= MOST_PHOTOS:
        raise Conflict(_("An installation has at most %(most_photos)s photos. Remove one first.",
                         most_photos=MOST_PHOTOS))
    stored = files.store(content, name=name, allowed=IMAGES)
    photo = InstallationPhoto(
        installation_id=line.id, file_id=stored.id, caption=caption.strip(), created_at=current.now()
    )
    db.session.add(photo)
    db.session.flush()
    return photo


def remove(photo: InstallationPhoto) -> InstallationPhoto:
    """Forget a photo, loaded with its file, and the picture itself."""
    stored = photo.file
    db.session.delete(photo)
    db.session.flush()
    files.remove(stored)
    return photo
