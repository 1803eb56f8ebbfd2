"""The WSGI application, for a server of your own: `gunicorn wsgi:application`. The usual way is `ispbill web`."""
from __future__ import annotations

from ispbill.app import create_app
from ispbill.config import load
from ispbill.web.serving import outermost

application = outermost(create_app(load()))
