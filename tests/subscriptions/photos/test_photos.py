"""Photos of installations: pictures only, sent as attachments, removed with their content."""
from __future__ import annotations

import io

import pytest
from sqlalchemy import func, select

from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.files.models import StoredFile
from ispbill.subscriptions.photos.service import MOST_PHOTOS
from ispbill.web.requests import IspbillFlask
from tests.make import offers
from tests.make.browsers import signed_in


def test_a_photo_is_added_shown_and_removed(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        line_id = offers.installation().id
    browser = signed_in(app, tenant)
    sent = browser.post(f"/installations/{line_id}/photos/add",
                        {"file": (io.BytesIO(offers.PNG), "pole.png"), "caption": "The pole"})
    assert sent.headers["Location"] == f"/installations/{line_id}"
    page = browser.get(f"/installations/{line_id}").text
    assert "The pole" in page and "/installations/photos/1" in page
    picture = browser.get("/installations/photos/1")
    assert (picture.data, picture.content_type) == (offers.PNG, "image/png")
    assert picture.headers["Content-Disposition"] == "attachment; filename=pole.png"
    assert "Remove this photo?" in browser.get("/installations/photos/1/remove").text
    assert browser.post("/installations/photos/1/remove").status_code == 302
    assert browser.get("/installations/photos/1").status_code == 404
    with unit_of_work():
        assert db.session.execute(select(func.count()).select_from(StoredFile)).scalar_one() == 0


@pytest.mark.parametrize(("content", "name", "words"), [
    (b"<svg onload=alert(1)>", "pole.png", "Choose a file of one of these kinds: JPEG, PNG, WebP, GIF."),
    (b"%PDF-1.7", "pole.png", "Choose a file of one of these kinds"), (b"", "", "Choose a photo."),
    (offers.PNG + b"x" * 5 * 1024 * 1024, "pole.png", "A file has at most 5 MB."),
])
def test_what_is_no_picture_is_refused(
    app: IspbillFlask, tenant: TenantRef, content: bytes, name: str, words: str
) -> None:
    with unit_of_work():
        line_id = offers.installation().id
    answer = signed_in(app, tenant).post(f"/installations/{line_id}/photos/add", {"file": (io.BytesIO(content), name)})
    assert answer.status_code == 422 and words in answer.text


def test_who_may_not_see_installations_sees_no_photo(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        photo_id = offers.photo(offers.installation()).id
    assert signed_in(app, tenant, permissions=["view_customer_list"]).get(
        f"/installations/photos/{photo_id}").status_code == 403


def test_an_installation_has_so_many_photos_and_no_more(tenant: TenantRef) -> None:
    with unit_of_work():
        line = offers.installation()
        for _ in range(MOST_PHOTOS):
            offers.photo(line)
        with pytest.raises(Conflict, match="at most 20 photos"):
            offers.photo(line)
