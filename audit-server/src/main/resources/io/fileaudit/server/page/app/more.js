// Lists that are read a page at a time at the press of a button, for what is rarely long.

import { button, fillWith, h, put, shown } from "./dom.js";

/**
 * @param {(cursor: string|null) => Promise<{items: object[], next: string|null}>} fetchPage
 * @param {HTMLElement} into what the rows are put into
 * @param {(item: object) => Node} row
 * @param {string} nothing what is said where there are none
 */
export function pages(fetchPage, into, row, nothing) {
  const problem = h("p", { class: "problem", hidden: true });
  const none = h("p", { class: "none", hidden: true }, nothing);
  const more = button("more", "More", () => read(false), { hidden: true });
  const element = h("div", { class: "more" }, problem, none, more);
  let next = null;
  let mine = 0;

  async function read(anew) {
    mine += 1;
    const reading = mine;
    more.disabled = true;
    try {
      const answer = await fetchPage(anew ? null : next);
      if (reading !== mine) {
        return;
      }
      next = answer.next;
      const rows = answer.items.map(row);
      if (anew) {
        fillWith(into, rows);
      } else {
        into.append(...rows);
      }
      shown(problem, false);
      shown(more, next !== null);
      put(none, next === null ? nothing : "None among those looked at so far.");
      shown(none, into.children.length === 0);
    } catch (failure) {
      put(problem, failure.message);
      shown(problem, true);
    } finally {
      more.disabled = false;
    }
  }

  return { element, read };
}
