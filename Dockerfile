# A node of raftdb: Node.js, the compiled program and what it needs at run time. Nothing in the last stage runs a shell.

# The program is the same on every platform: it is compiled on that of the builder.
FROM --platform=$BUILDPLATFORM node:24.21.0-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe AS program
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY scripts/bundle.mjs ./scripts/bundle.mjs
COPY src ./src
RUN npm run build

# SQLite is compiled from the sources in its package, for the Node.js that runs it; no binary is downloaded.
FROM node:24.21.0-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe AS dependencies
WORKDIR /build
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ make python3 \
 && rm -rf /var/lib/apt/lists/*
ENV npm_config_build_from_source=true \
    npm_config_nodedir=/usr/local
COPY package.json package-lock.json ./
COPY scripts/prepare.mjs ./scripts/prepare.mjs
# What is removed is needed by nobody at run time: sources, what the compiler left, and the compiler that the tools of
# @nestjs/swagger ask for.
RUN npm ci --omit=dev --no-audit --no-fund \
 && node -e "new (require('better-sqlite3'))(':memory:')" \
 && rm -rf node_modules/better-sqlite3/deps node_modules/better-sqlite3/build/Release/obj node_modules/typescript \
 && install -d -o 65532 -g 65532 -m 0700 /data

FROM node:24.21.0-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="raftdb" \
      org.opencontainers.image.description="A distributed key-value store on the Raft consensus protocol" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
ENV NODE_ENV=production \
    RAFTDB_DATA_DIR=/var/lib/raftdb
WORKDIR /opt/raftdb
COPY --from=dependencies /build/node_modules ./node_modules
COPY --from=program /build/dist ./dist
COPY package.json LICENSE ./
# A new volume that is mounted here takes over this owner.
COPY --from=dependencies --chown=65532:65532 /data /var/lib/raftdb
# No entry of /etc/passwd belongs to it.
USER 65532:65532
EXPOSE 8089 8091
VOLUME ["/var/lib/raftdb"]
STOPSIGNAL SIGTERM
# No HEALTHCHECK: the address is an argument of the node, so whoever starts it asks /livez and /readyz there.
ENTRYPOINT ["node", "dist/main.js"]
