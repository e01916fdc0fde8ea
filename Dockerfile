# syntax=docker/dockerfile:1
# Two images: `server` for stores that are servers (docker-compose.yml), `embedded` with the stores inside.
#   docker build --target server -t tillwatch:server .
#   docker build --target embedded -t tillwatch:embedded .

FROM node:24.21.0-bookworm-slim AS libraries
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Exactly the locked versions, without the tools. Not `--omit=optional`: it would take native builds of others away.
# The image is Node 24 itself, so the pinned Node is left out.
RUN npm install --no-save --omit=dev --loglevel=error \
  && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM libraries AS server-libraries
RUN rm -rf node_modules/chdb node_modules/@chdb node_modules/@electric-sql

FROM node:24.21.0-bookworm-slim AS base
ENV NODE_ENV=production \
  TILLWATCH_HOST=0.0.0.0 \
  TILLWATCH_PORT=8080 \
  TILLWATCH_DATA=/data
WORKDIR /app
COPY --chown=root:root . .
# The one place that is written to: spool, lock, made secrets, embedded stores.
RUN mkdir /data && chown node:node /data && chmod 0700 /data
VOLUME /data
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.TILLWATCH_PORT}/healthz`, { signal: AbortSignal.timeout(4000) }).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
# Node is the first process: it gets SIGTERM itself, and start.ts closes in order.
CMD ["node", "scripts/start.ts"]

FROM base AS embedded
COPY --from=libraries --chown=root:root /app/node_modules ./node_modules

FROM base AS server
COPY --from=server-libraries --chown=root:root /app/node_modules ./node_modules
