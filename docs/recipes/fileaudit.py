"""Reports a load to the audit service, with nothing but Python's standard library (3.8 or later).

    from fileaudit import batch

    with batch(table="empresa", period="2025-02", expected={"count": 2}) as load:
        for path in paths:
            load.started(path)
            try:
                rows, size = load_into_database(path)
            except ValueError as error:
                load.failed(path, error)
            else:
                load.completed(path, rows=rows, bytes=size)

Leaving the block completes the batch; an exception ends it FAILED and goes on. A batch that is not complete raises
Incomplete, and one that a verdict ended raises Ended at the next report, so that the load stops. Events are sent some at a
time; an event is safe when flush() or the block has returned. AUDIT_URL and AUDIT_KEY say where and as whom. For one thread.
"""

import datetime
import json
import os
import random
import time
import urllib.error
import urllib.request
import uuid

_EVENTS_AT_A_TIME = 500
_SECONDS_AT_A_TIME = 1.0
_GIVE_UP_SECONDS = 120


class Refused(Exception):
    """The service refused a call; `problem` is its answer (RFC 9457)."""

    def __init__(self, problem):
        super().__init__("%s: %s" % (problem.get("title"), problem.get("detail")))
        self.problem = problem


class Ended(Refused):
    """The batch has ended; `verdict` says how and why."""

    @property
    def verdict(self):
        return self.problem.get("verdict")


class Incomplete(Exception):
    """The batch was to be completed, and its account holds something against it."""

    def __init__(self, snapshot):
        findings = {name: count for name, count in snapshot["verdict"]["findings"].items() if count}
        super().__init__("batch %s is %s: %s" % (snapshot["id"], snapshot["status"], findings))
        self.snapshot = snapshot


class Batch:
    """An open batch. Use `batch(...)`."""

    def __init__(self, url, key, spec, batch_id=None):
        self.id = str(batch_id or uuid.uuid4())
        self.refusals = []
        self._url = url.rstrip("/") + "/api/v1/batches/" + self.id
        self._key = key
        self._producer = "python-" + str(uuid.uuid4())
        self._position = 0
        self._attempts = {}
        self._lines = []
        self._sent_at = time.monotonic()
        self.run = self._call("PUT", "", spec)["run"]

    def started(self, file):
        self._attempts[file] = self._attempts.get(file, 0) + 1
        self._report("STARTED", file)

    def progress(self, file, rows=None, bytes=None):
        self._report("PROGRESS", file, rows=rows, bytes=bytes)

    def completed(self, file, rows=None, bytes=None, checksum=None, rejected_rows=None):
        self._report(
            "COMPLETED", file, rows=rows, bytes=bytes, checksum=checksum, rejected_rows=rejected_rows
        )

    def failed(self, file, error):
        code = error if isinstance(error, str) else type(error).__name__
        self._report("FAILED", file, error={"code": code, "message": str(error)})

    def skipped(self, file):
        self._report("SKIPPED", file)

    def heartbeat(self):
        """The loader lives, and has nothing to report."""
        self._call("PUT", "/heartbeat", {})

    def flush(self):
        """Returns when every event is durable; those that were refused are in `refusals`."""
        while self._lines:
            lines = self._lines[:_EVENTS_AT_A_TIME]
            body = "".join(json.dumps(line) + "\n" for line in lines).encode()
            ack = self._call("POST", "/events", body)
            self.refusals += [
                dict(refusal, event=lines[refusal["line"] - 1]) for refusal in ack["refusals"]
            ]
            del self._lines[: len(lines)]
        self._sent_at = time.monotonic()

    def end(self, status, message=None):
        self.flush()
        return self._call("PUT", "/status", {"status": status, "message": message})

    def _report(self, kind, file, **facts):
        self._position += 1
        event = {"type": kind, "file": file, "position": self._position}
        event["at"] = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        event["attempt"] = self._attempts.get(file, 1)
        event.update((name, value) for name, value in facts.items() if value is not None)
        self._lines.append(event)
        late = time.monotonic() - self._sent_at > _SECONDS_AT_A_TIME
        if late or len(self._lines) >= _EVENTS_AT_A_TIME:
            self.flush()

    def _call(self, method, path, body):
        """Makes the call until it passes: each can be repeated, and repeats count once."""
        begun = time.monotonic()
        pause = 0.2
        while True:
            try:
                return self._once(method, path, body)
            except urllib.error.HTTPError as error:
                if error.code not in (408, 429) and error.code < 500:
                    raise self._refusal(error) from None
                wait, cause = float(error.headers.get("Retry-After") or 0), error
            except OSError as error:
                wait, cause = 0.0, error
            if time.monotonic() - begun > _GIVE_UP_SECONDS:
                raise cause
            time.sleep(wait + random.random() * pause)
            pause = min(pause * 2, 5)

    def _once(self, method, path, body):
        lines = isinstance(body, bytes)
        headers = {
            "Authorization": "Bearer " + self._key,
            "Content-Type": "application/x-ndjson" if lines else "application/json",
            "Accept": "application/json",
            "Audit-Producer": self._producer,
        }
        if path:
            headers["Audit-Run"] = str(self.run)
        data = body if lines else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    @staticmethod
    def _refusal(error):
        try:
            problem = json.loads(error.read())
        except ValueError:
            problem = {"title": "status %d" % error.code, "detail": error.reason}
        ended = str(problem.get("type", "")).endswith("/batch-ended")
        return Ended(problem) if ended else Refused(problem)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is None:
            snapshot = self.end("COMPLETED")
            if snapshot["status"] != "COMPLETED":
                raise Incomplete(snapshot)
        elif not isinstance(error, Ended):
            try:
                self.end("FAILED", repr(error)[:2000])
            except (OSError, Refused):
                pass  # The load's own error is what its caller must see.
        return False


def batch(url=None, key=None, batch_id=None, **spec):
    """Opens a batch; what is named is what docs/wire.md says of opening one."""
    return Batch(
        url or os.environ.get("AUDIT_URL", "http://127.0.0.1:8080"),
        key or os.environ["AUDIT_KEY"],
        spec,
        batch_id,
    )
