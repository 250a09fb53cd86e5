#!/bin/bash
# Run once by the database's image: a role that owns the schema, and the service's own, which can take nothing away.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v service="$AUDIT_PASSWORD" -v owner="$AUDIT_OWNER_PASSWORD" -U postgres -d audit <<'END'
CREATE ROLE audit_owner LOGIN PASSWORD :'owner';
CREATE ROLE audit LOGIN PASSWORD :'service';
GRANT CREATE ON DATABASE audit TO audit_owner;
END
