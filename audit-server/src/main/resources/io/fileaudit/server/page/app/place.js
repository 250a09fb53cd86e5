// Every view has an address. Reads addresses and makes them, in the namespace that is shown. Pure.

import { NAMESPACE, within } from "./namespace.js";

/** The parts of a batch that can be looked at. */
export const PARTS = ["files", "reconciliation", "sub-batches", "verdicts", "refused"];

const BATCH = /^\/ui\/batches\/([^/]+)\/?$/;

const list = (text) => (text ?? "").split(",").filter(Boolean);

/**
 * The view that an address names.
 *
 * @param {{pathname: string, search: string, hash: string}} location
 */
export function read(location) {
  const path = location.pathname;
  if (/^\/ui\/health\/?$/.test(path)) {
    return { view: "health" };
  }
  if (/^\/ui\/webhooks\/?$/.test(path)) {
    return { view: "webhooks", webhook: new URLSearchParams(location.search).get("webhook") ?? "" };
  }
  const batch = BATCH.exec(path);
  if (batch) {
    return { view: "batch", id: decode(batch[1]).toLowerCase(), ...part(location.hash) };
  }
  const query = new URLSearchParams(location.search);
  return {
    view: "batches",
    filters: {
      status: list(query.get("status")).map((each) => each.toUpperCase()),
      table: query.get("table") ?? "",
      period: query.get("period") ?? "",
      q: query.get("q") ?? "",
    },
  };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function part(hash) {
  const [name, query] = hash.replace(/^#/, "").split("?", 2);
  const given = new URLSearchParams(query ?? "");
  return {
    part: PARTS.includes(name) ? name : "files",
    filters: {
      status: (given.get("status") ?? "").toUpperCase(),
      error: given.get("error") ?? "",
      q: given.get("q") ?? "",
      finding: given.get("finding") ?? "",
    },
  };
}

/** A query string of what is not empty, with its question mark; texts keep their commas. */
export function query(parameters) {
  const made = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    const text = Array.isArray(value) ? value.join(",") : value;
    if (text !== "" && text !== null && text !== undefined && text !== false) {
      made.set(name, text);
    }
  }
  const text = made.toString().replaceAll("%2C", ",");
  return text ? `?${text}` : "";
}

/** The address of the list of batches. */
export const batchesAt = (filters = {}, namespace = NAMESPACE) => within(`/ui${query(filters)}`, namespace);

/** The address of the node's health. */
export const healthAt = () => within("/ui/health");

/** The address of the webhooks, and of the log of one. */
export const webhooksAt = (webhook = "") => within(`/ui/webhooks${query({ webhook })}`);

/** The address of a part of a batch. */
export function batchAt(id, name = "files", filters = {}, namespace = NAMESPACE) {
  const more = query(filters);
  return `${within(`/ui/batches/${encodeURIComponent(id)}`, namespace)}${name === "files" && !more ? "" : `#${name}${more}`}`;
}
