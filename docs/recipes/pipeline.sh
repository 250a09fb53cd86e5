#!/bin/sh
# A shell pipeline that loads files by a command of its own and reports each of them:
#
#   pipeline.sh TABLE PERIOD COMMAND FILE...
#
# COMMAND gets a file's name, loads it, and prints the number of rows. `audit` must be on the PATH.
# Exits with what the batch came to: 0 complete, 1 failures or incomplete, 3 timed out.
set -eu
table=$1 period=$2 load=$3
shift 3

batch=$(audit open --table "$table" --period "$period" --expected-count $#)
echo "batch $batch" >&2

# A name may hold anything but a line end, which would need jq.
json() { printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g; s/\t/\\t/g'; }

for file; do
  printf '{"type":"STARTED","file":"%s"}\n' "$(json "$file")"
  if rows=$("$load" "$file"); then
    bytes=$(wc -c <"$file")
    sum=$(sha256sum <"$file" | cut -d ' ' -f 1)
    printf '{"type":"COMPLETED","file":"%s","rows":%d,"bytes":%d,"checksum":"sha256:%s"}\n' \
      "$(json "$file")" "$rows" "$bytes" "$sum"
  else
    code=$?
    printf '{"type":"FAILED","file":"%s","error":{"code":"exit-%d"}}\n' "$(json "$file")" "$code"
  fi
done | audit send "$batch" || echo "not every event was taken" >&2

exec audit end "$batch"
