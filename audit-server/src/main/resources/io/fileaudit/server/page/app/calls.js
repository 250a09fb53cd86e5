// Calls of the service, with the session of this browser. What goes wrong is thrown as a Problem.

import { NAMESPACE } from "./namespace.js";

/** An answer that is no success; its `detail` is for people. */
export class Problem extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `the service answered ${status}`);
    this.status = status;
    this.title = problem.title ?? "";
    this.slug = String(problem.type ?? "").split("/").pop();
  }
}

let csrfToken = null;

const namespaced = NAMESPACE ? { "Audit-Namespace": NAMESPACE } : {};

/** Where to sign in, and come back from to where one is. */
export const loginFor = (location) =>
  `/ui/login?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`;

async function send(path, options = {}) {
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, {
      ...options,
      headers: { accept: "application/json", ...namespaced, ...options.headers },
    });
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new Problem(0, { detail: "The service does not answer." });
  }
  if (answer.status === 401) {
    location.assign(loginFor(location));
  }
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Problem(answer.status, problem);
  }
  return answer;
}

/** What there is at a path below `/api/v1`. */
export const get = async (path, signal) => (await send(path, { signal })).json();

/**
 * A change.
 *
 * @param {"PUT"|"POST"|"PATCH"} method
 * @param {object} body
 * @param {number} [run] the run that is meant
 */
export async function change(method, path, body, run) {
  const headers = { "content-type": "application/json", "X-CSRF-Token": csrfToken ?? "" };
  if (run !== undefined) {
    headers["Audit-Run"] = String(run);
  }
  return (await send(path, { method, headers, body: JSON.stringify(body) })).json();
}

/** Who is signed in. */
export async function session() {
  const found = await get("/session");
  csrfToken = found.csrf_token;
  return found;
}

/** Whether somebody with those scopes may steer batches: end, resume, give time, take back refusals. */
export const maySteer = ({ scopes }) => scopes.some((scope) => ["ingest", "operate", "admin"].includes(scope));

/** Whether somebody with those scopes may see whom the service tells, and change it. */
export const mayOperate = ({ scopes }) => scopes.some((scope) => ["operate", "admin"].includes(scope));

/**
 * A list as a file, of which the browser keeps the bytes until all have come.
 *
 * @param {string} type `text/csv` or `application/x-ndjson`
 * @param {(bytes: number) => void} onBytes how much has come so far
 */
export async function download(path, type, onBytes, signal) {
  const answer = await send(path, { headers: { accept: type }, signal });
  let bytes = 0;
  const counted = answer.body.pipeThrough(
    new TransformStream({
      transform(chunk, out) {
        bytes += chunk.byteLength;
        onBytes(bytes);
        out.enqueue(chunk);
      },
    }),
  );
  return new Response(counted, { headers: { "content-type": type } }).blob();
}
