// What a batch's ledger is sealed by. A seal is not a verification: that is for who holds the key, elsewhere.

import { fillWith, h, link, shown } from "./dom.js";
import { count } from "./format.js";
import { within } from "./namespace.js";

const ROOT_CHARACTERS = 12;

/** A line about the seal, which is read again whenever the verdicts are. */
export function seal(page, id) {
  const element = h("p", { class: "about", id: "seal", hidden: true });
  return {
    element,
    async read() {
      try {
        const { sealed, size, root } = await page.calls.get(`/batches/${id}/seal`);
        fillWith(
          element,
          h("b", null, sealed ? "Sealed" : "Not sealed yet"),
          ` · ${count(size)} ledger rows · root ${root.slice(0, ROOT_CHARACTERS)}… · sealed is not verified: `,
          link(within(`/api/v1/batches/${id}/bundle`), { download: `${id}.zip`, data: { action: "bundle" } }, "evidence"),
          " for audit verify",
        );
        element.title = root;
        element.dataset.sealed = String(sealed);
        shown(element, true);
      } catch {
        shown(element, false); // The verdicts say what went wrong; a line that cannot be read is none.
      }
    },
  };
}
