// The limits that a batch is held to, as bars that fill up by the server's clock.

import { bar } from "./bars.js";
import { attribute, button, h, put, shown } from "./dom.js";
import { duration, isoDuration, isoSeconds, ticking } from "./format.js";
import { isOpen } from "./status.js";

const HOUR = 3600;

const NAMES = [
  ["operation", "Operation", "since the first event"],
  ["idle", "Idle", "since something was heard"],
  ["start", "Start", "from opening to the first event"],
  ["progress", "Progress", "since a file got on"],
];

/**
 * How much of a limit is used up.
 *
 * @param {{after: string|null, action: string, left_seconds: number|null}|undefined} limit
 * @param {number} passed seconds since the snapshot was read
 * @returns {{after: number|null, used: number|null, left: number|null, share: number}} `used` is null where it
 *     does not run
 */
export function usage(limit, passed) {
  const after = limit && limit.action !== "off" ? isoSeconds(limit.after) : null;
  if (after === null) {
    return { after: null, used: null, left: null, share: 0 };
  }
  if (typeof limit.left_seconds !== "number") {
    return { after, used: null, left: null, share: 0 };
  }
  const left = limit.left_seconds - Math.max(0, passed);
  return { after, used: Math.max(0, after - left), left, share: Math.min(1, Math.max(0, (after - left) / after)) };
}

const kind = (share) => (share >= 0.9 ? "bad" : share >= 0.7 ? "warn" : "fill");

/** The block of limits. */
export function limits(page, onChange) {
  const rows = NAMES.map(([name, title, meaning]) => {
    const line = bar("limit");
    const text = h("span", { class: "limit-text" });
    const more = button("more-time", "One hour more", () => giveHour(name), {
      class: "small",
      data: { action: "more-time", limit: name },
      "aria-label": `One hour more: ${title}`,
    });
    const element = h(
      "li",
      { data: { limit: name } },
      h("div", { class: "limit-head" }, h("span", { class: "limit-name", title: meaning }, title), text),
      line.element,
      more,
    );
    return { name, line, text, more, element };
  });
  const element = h("section", { class: "card limits", "aria-labelledby": "limits-title" }, h("h2", { id: "limits-title" }, "Limits"), h("ul", null, rows.map((row) => row.element)));
  let snapshot = null;

  async function giveHour(name) {
    const after = isoSeconds(snapshot.limits[name].after);
    try {
      const changed = await page.calls.change(
        "PATCH",
        `/batches/${snapshot.id}`,
        { limits: { [name]: { after: isoDuration(after + HOUR) } } },
        snapshot.run,
      );
      page.note(`The ${name} limit is ${duration(after + HOUR)} now.`);
      onChange(changed);
    } catch (problem) {
      page.note(problem.message, true);
    }
  }

  function tick(now) {
    if (!snapshot) {
      return;
    }
    const passed = (now - Date.parse(snapshot.now)) / 1000;
    const open = isOpen(snapshot);
    element.classList.toggle("giving", page.may && open);
    element.classList.toggle("over", !open);
    for (const { name, line, text, more, element: row } of rows) {
      const limit = snapshot.limits?.[name];
      const { after, used, left, share } = usage(limit, open ? passed : 0);
      const runs = open && used !== null;
      line.set(runs ? [{ share, kind: kind(share) }] : []);
      attribute(row, "data-share", runs ? share.toFixed(3) : null);
      const then = limit?.action === "flag" ? "then flagged" : "then it ends";
      put(
        text,
        after === null
          ? "off"
          : !runs
            ? duration(after)
            : left > -1
              ? `${ticking(Math.min(used, after))} of ${duration(after)}`
              : `over ${duration(after)} by ${ticking(-left)}`,
      );
      attribute(text, "title", after === null ? null : runs && left > -1 ? `${duration(Math.max(0, left))} left, ${then}` : then);
      shown(more, page.may && open && after !== null && (runs || name === "operation"));
    }
  }

  return {
    element,
    set(next, now) {
      snapshot = next;
      tick(now);
    },
    tick,
  };
}
