#!/usr/bin/env bash
# Makes each secret that docker-compose.yml names and that is not there yet, in ./secrets. Nothing is ever overwritten.
# The folder is closed to others; its files are readable, since each container reads its own under another user.
set -euo pipefail
umask 077
cd "$(dirname "$0")/.."
folder=${1:-secrets}
mkdir -p "$folder"
chmod 0700 "$folder"

write() { # name: writes standard input, once
  if [ -e "$folder/$1" ]; then
    cat >/dev/null
    return
  fi
  cat >"$folder/$1.new"
  chmod 0444 "$folder/$1.new"
  mv "$folder/$1.new" "$folder/$1"
  echo "made $folder/$1" >&2
}
random() { openssl rand -hex 32 | tr -d '\n'; }
value() { cat "$folder/$1"; }
sha256() { printf '%s' "$(value "$1")" | openssl dgst -sha256 -r | cut -d' ' -f1; }

for name in fingerprint-key operator-key session-key link-key seal-key audit-key metrics-token \
  clickhouse-password postgres-password redis-password grafana-password grafana-clickhouse-password; do
  random | write "$name"
done
printf 'postgres://tillwatch:%s@postgres:5432/tillwatch' "$(value postgres-password)" | write postgres-url
printf 'redis://:%s@redis:6379' "$(value redis-password)" | write redis-url
printf 'requirepass %s\n' "$(value redis-password)" | write redis.conf
# Empty: alert mail stays in the outbox. Put smtp://user:password@host:587 or smtps://user:password@host:465 here.
printf '' | write smtp-url

write clickhouse-users.xml <<XML
<clickhouse>
  <profiles>
    <!-- The operator's dashboards: reads only, every merchant. Nobody else's login may have this profile. -->
    <grafana>
      <readonly>2</readonly>
      <SQL_merchant>'*'</SQL_merchant>
      <max_execution_time>30</max_execution_time>
      <constraints><SQL_merchant><const/></SQL_merchant></constraints>
    </grafana>
  </profiles>
  <users>
    <default remove="remove"/>
    <tillwatch>
      <password_sha256_hex>$(sha256 clickhouse-password)</password_sha256_hex>
      <networks><ip>::/0</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <access_management>1</access_management>
    </tillwatch>
    <grafana>
      <password_sha256_hex>$(sha256 grafana-clickhouse-password)</password_sha256_hex>
      <networks><ip>::/0</ip></networks>
      <profile>grafana</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT SELECT ON tillwatch.*</query>
      </grants>
    </grafana>
  </users>
</clickhouse>
XML
