// Whose batches are shown: the namespace that the address names, else the one that the session has by itself.

/** The namespace of the address; empty where it names none. */
export const NAMESPACE = new URLSearchParams(globalThis.location?.search ?? "").get("namespace") ?? "";

/** An address of the service in that namespace, for what cannot set a header. */
export const within = (address, namespace = NAMESPACE) =>
  namespace ? `${address}${address.includes("?") ? "&" : "?"}namespace=${encodeURIComponent(namespace)}` : address;
