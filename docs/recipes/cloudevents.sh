#!/bin/sh
# Reports three files as CloudEvents with curl alone, in each of their modes: one, a batch of them, and line by line.
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
  -d '{"table":"empresa","period":"2025-02","expected":{"count":3}}' >/dev/null

# Structured mode: one event.
call -X POST "$url/batches/$batch/events" -H 'Content-Type: application/cloudevents+json' --data-binary @- >/dev/null <<'END'
{"specversion":"1.0","source":"https://loads.example.org/workers/3","id":"1","type":"io.fileaudit.file.completed",
 "subject":"EMPRECSV-0","data":{"rows":4494860,"bytes":96211345}}
END

# Batched mode: an array.
call -X POST "$url/batches/$batch/events" -H 'Content-Type: application/cloudevents-batch+json' --data-binary @- >/dev/null <<'END'
[{"specversion":"1.0","source":"https://loads.example.org/workers/3","id":"2","type":"io.fileaudit.file.started","subject":"EMPRECSV-1"},
 {"specversion":"1.0","source":"https://loads.example.org/workers/3","id":"3","type":"io.fileaudit.file.completed","subject":"EMPRECSV-1",
  "time":"2026-01-23T14:00:00Z","data":{"rows":4494861,"bytes":96211399}}]
END

# Line by line, beside plain events.
call -X POST "$url/batches/$batch/events" -H 'Content-Type: application/x-ndjson' --data-binary @- >/dev/null <<'END'
{"specversion":"1.0","source":"https://loads.example.org/workers/4","id":"1","type":"io.fileaudit.file.started","subject":"EMPRECSV-2"}
{"type":"COMPLETED","file":"EMPRECSV-2","rows":10,"id":"w4-2"}
END

ended=$(call -X PUT "$url/batches/$batch/status" -H 'Content-Type: application/json' -d '{"status":"COMPLETED"}')
printf '%s\n' "$ended"
case $ended in *'"status":"COMPLETED"'*) ;; *) exit 1 ;; esac
