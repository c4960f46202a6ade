# One file, two images: `worker` (everything but the browser) and `crawler` (with crawl4ai and Chromium).
FROM python:3.13-slim AS build
# The version that uv.lock holds; from the package index, as everything else that is installed here.
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/app/.venv
WORKDIR /app
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev --no-install-project --extra otel --extra nats
# --reinstall-package: uv would take a wheel that it built of these folders before.
COPY streams streams
COPY sources sources
COPY cache cache
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev --no-editable --reinstall-package anime-enrich --extra otel --extra nats

FROM build AS build-crawler
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev --no-editable --reinstall-package anime-enrich --extra otel --extra nats --extra crawl

FROM python:3.13-slim AS base
RUN useradd --create-home --uid 10001 enrich && mkdir /data && chown enrich /data
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data LOG_FORMAT=json ALIVE_FILE=/tmp/alive
WORKDIR /app
VOLUME /data
STOPSIGNAL SIGTERM
# A shell and find, no Python: the check must not cost seconds on a machine that is busy.
HEALTHCHECK --interval=10s --timeout=5s --start-period=300s --retries=3 \
    CMD ["sh", "-c", "test -n \"$(find \"$ALIVE_FILE\" -newermt '-30 seconds' 2>/dev/null)\""]
ENTRYPOINT ["anime-enrich"]
CMD ["up"]

FROM base AS crawler
RUN apt-get update && apt-get install -y --no-install-recommends chromium-headless-shell \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build-crawler /app/.venv /app/.venv
ENV CRAWL4_AI_BASE_DIRECTORY=/data CRAWL4AI_NO_CLOUD_NOTICE=1
USER enrich

FROM base AS worker
COPY --from=build /app/.venv /app/.venv
USER enrich
