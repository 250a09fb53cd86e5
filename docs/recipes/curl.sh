#!/bin/sh
# Loads nothing, but reports two files with curl alone: opens a batch, sends events, ends it.
# AUDIT_URL and AUDIT_KEY say where and as whom. Prints the batch as it ended; exits 1 where it is not complete.
set -eu
url=${AUDIT_URL:-http://127.0.0.1:8080}/api/v1
batch=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen)

# Every call can be repeated, so curl may try again; the key stays out of the list of processes.
call() {
  curl --silent --show-error --fail-with-body --config /dev/fd/3 --retry 5 --retry-connrefused "$@" 3<<END
header = "Authorization: Bearer $AUDIT_KEY"
END
}

call -X PUT "$url/batches/$batch" -H 'Content-Type: application/json' \
  -d '{"table":"empresa","period":"2025-02","expected":{"count":2}}' >/dev/null

call -X POST "$url/batches/$batch/events" -H 'Content-Type: application/x-ndjson' \
  -H "Audit-Producer: curl-$batch" --data-binary @- >/dev/null <<'END'
{"type":"STARTED","file":"EMPRECSV-0","position":1}
{"type":"COMPLETED","file":"EMPRECSV-0","rows":4494860,"bytes":96211345,"position":2}
{"type":"COMPLETED","file":"EMPRECSV-1","rows":4494861,"bytes":96211399,"position":3}
END

ended=$(call -X PUT "$url/batches/$batch/status" -H 'Content-Type: application/json' -d '{"status":"COMPLETED"}')
printf '%s\n' "$ended"
case $ended in *'"status":"COMPLETED"'*) ;; *) exit 1 ;; esac
