// The sign of a status: a shape, a word and a colour, so that none of them is needed alone.

import { attribute, h, put, svg } from "./dom.js";
import { word } from "./status.js";

/** Drawn rather than taken from a font, which may lack them. On a field of 16 by 16. */
const SHAPES = {
  RUNNING: "M4.5 2.5v11l9-5.5z",
  PENDING: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zm0 1.8a3.7 3.7 0 1 1 0 7.4 3.7 3.7 0 0 1 0-7.4z",
  COMPLETED: "M6.4 12.6 2 8.2l1.5-1.5 2.9 2.9L12.5 3.4 14 4.9z",
  INCOMPLETE: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm0 1.7a4.3 4.3 0 1 1 0 8.6z",
  FAILED: "m3.9 2.5 4.1 4.1 4.1-4.1 1.4 1.4L9.4 8l4.1 4.1-1.4 1.4L8 9.4l-4.1 4.1-1.4-1.4L6.6 8 2.5 3.9z",
  CANCELLED:
    "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM3.7 8A4.3 4.3 0 0 1 10.4 4.5L4.5 10.4A4.3 4.3 0 0 1 3.7 8zM8 12.3c-.9 0-1.7-.3-2.4-.8l5.9-5.9A4.3 4.3 0 0 1 8 12.3z",
  TIMED_OUT: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zm-.9 2.4h1.8v3.5l2.5 1.5-.9 1.5-3.4-2z",
  SILENT: "M2.5 7h2.2v2H2.5zm4.4 0h2.2v2H6.9zm4.4 0h2.2v2h-2.2z",
  STALLED: "M3.5 3h3v10h-3zm6 0h3v10h-3z",
  OVER_LIMIT: "M8 1.5 15 14H1zM7.2 6v4h1.6V6zm0 5v1.6h1.6V11z",
  OVERDUE: "M3.5 1.5h9v2.3L9.7 8l2.8 4.2v2.3h-9v-2.3L6.3 8 3.5 3.8z",
  SLOW: "M3 7h7.2L7.6 4.4 9 3l5 5-5 5-1.4-1.4L10.2 9H3z",
  SKIPPED: "m3 3 6 5-6 5zm7 0h2.5v10H10z",
  EXPECTED: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zm0 1.8a3.7 3.7 0 1 1 0 7.4 3.7 3.7 0 0 1 0-7.4z",
  DISCOVERED: "M8 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
};

/** The shape alone, for where the word stands beside it. */
export function shape(status) {
  return svg(
    "svg",
    { viewBox: "0 0 16 16", width: 14, height: 14, class: "shape", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: SHAPES[status] ?? SHAPES.PENDING, "fill-rule": "evenodd" }),
  );
}

/**
 * A badge, and how to change it.
 *
 * @returns {{element: HTMLElement, set: (status: string, detail?: string) => void}}
 */
export function badge(status, detail = "") {
  const name = h("b");
  const more = h("span", { class: "detail" });
  const element = h("span", { class: "badge" }, name, more);
  const self = {
    element,
    set(next, text = "") {
      if (element.dataset.status !== next) {
        element.querySelector("svg")?.remove();
        element.prepend(shape(next));
        attribute(element, "data-status", next);
        put(name, word(next));
      }
      put(more, text ? ` · ${text}` : "");
    },
  };
  self.set(status, detail);
  return self;
}
