# One image for web, worker, beat and the one-off jobs; docs/running.md says how it is used.
FROM node:22-slim AS pages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY frontend frontend
RUN node frontend/build.mjs

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY manage.py pyproject.toml ./
COPY config config
COPY apps apps
COPY templates templates
COPY static static
COPY --from=pages /app/build build
# Values that only let the settings be read while files are collected; none is used later.
RUN DATABASE_URL=postgresql://app@database/x BROKER_URL=redis://queue SECRET_KEY=collecting \
    DOCUMENTS_FOLDER=/documents \
    python manage.py collectstatic --noinput --ignore=redoc --ignore=rest_framework \
    && useradd --system --no-create-home learner-record \
    && mkdir /documents && chown learner-record /documents && chmod 700 /documents
USER learner-record
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--config", "python:config.gunicorn", "--bind", "0.0.0.0:8000", "--workers", "4", "--threads", "4", "--preload"]
