// Failed files grouped by the code of their error; a click shows the files of one.

import { bar } from "./bars.js";
import { calmly, fillWith, h, shown } from "./dom.js";
import { count, fullMoment, moment, things } from "./format.js";
import { batchAt } from "./place.js";

const REFRESH_MILLIS = 3000;
const SHOWN = 8;

/** The block of failures; out of sight while there are none. */
export function failures(page, id) {
  const list = h("ul", { class: "failures" });
  const rest = h("p", { class: "faint" });
  const title = h("h2", { id: "failures-title" }, "Failures by error");
  const element = h("section", { class: "card", id: "failures", hidden: true, "aria-labelledby": "failures-title" }, title, list, rest);
  let known = -1;
  let current = "";
  let groups = [];

  function draw() {
    const most = Math.max(1, ...groups.map((group) => group.files));
    fillWith(
      list,
      groups.slice(0, SHOWN).map((group) => {
        const line = bar("failure");
        line.set([{ share: group.files / most, kind: "bad" }]);
        const isCurrent = group.code !== null && group.code === current;
        const name = group.code ?? "without a code";
        const now = page.clock.now();
        return h(
          "li",
          null,
          h(
            "a",
            {
              href: batchAt(id, "files", { status: "FAILED", error: isCurrent ? "" : (group.code ?? "") }),
              data: { error: group.code ?? "" },
              "aria-current": isCurrent ? "true" : null,
            },
            h("span", { class: "failure-code" }, name),
            h("span", { class: "failure-count figure" }, things(group.files, "file")),
            line.element,
            h("span", { class: "failure-sample" }, group.sample?.error?.message ?? ""),
            h(
              "span",
              { class: "failure-when", title: `${fullMoment(group.first_at)} to ${fullMoment(group.last_at)}` },
              [...new Set([group.first_at, group.last_at].map((at) => moment(at, now)))].join(" – "),
            ),
          ),
        );
      }),
    );
    const left = groups.length - SHOWN;
    rest.textContent = left > 0 ? `and ${things(left, "other error", "other errors")}, of ${count(groups.slice(SHOWN).reduce((sum, group) => sum + group.files, 0))} files` : "";
    shown(rest, left > 0);
    shown(element, groups.length > 0);
  }

  const readSoon = calmly(REFRESH_MILLIS, async () => {
    if (element.contains(document.activeElement)) {
      known = -1;
      return;
    }
    try {
      groups = (await page.calls.get(`/batches/${id}/failures`)).items;
      draw();
    } catch {
      known = -1;
    }
  });

  return {
    element,
    set(snapshot) {
      const failed = snapshot.totals.files.failed;
      if (failed !== known) {
        known = failed;
        if (failed > 0) {
          readSoon();
        } else {
          shown(element, false);
        }
      }
    },
    show(error) {
      if (error !== current) {
        current = error;
        draw();
      }
    },
  };
}
