// Questions before something is changed, and a panel for what has no room in a row.

import { fillWith, h } from "./dom.js";

/**
 * Asks, with room for a remark.
 *
 * @param {{title: string, text: string, action: string, confirm: string, remark?: string, isGrave?: boolean}} question
 * @returns {Promise<string|null>} the remark, which may be empty; null where the answer is no
 */
export function ask({ title, text, action, confirm, remark, isGrave }) {
  return new Promise((answered) => {
    const input = remark ? h("input", { name: "remark", maxlength: 2000, autocomplete: "off", id: "remark" }) : null;
    const dialog = h(
      "dialog",
      { "aria-labelledby": "question", class: "question", data: { dialog: action } },
      h(
        "form",
        { method: "dialog" },
        h("h2", { id: "question" }, title),
        h("p", null, text),
        input && h("label", { for: "remark" }, remark, input),
        h(
          "div",
          { class: "buttons" },
          h("button", { value: "no", type: "submit", formnovalidate: true, data: { answer: "no" } }, "Leave it"),
          h("button", { value: "yes", type: "submit", class: isGrave ? "grave" : "main", data: { answer: "yes" } }, confirm),
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      answered(dialog.returnValue === "yes" ? (input?.value.trim() ?? "") : null);
    });
    // The first button would answer to Enter in the remark, and it is the wrong one.
    input?.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        dialog.close("yes");
      }
    });
    document.body.append(dialog);
    dialog.showModal();
    input?.focus();
  });
}

/** A panel at the side that shows something until it is closed. */
export function panel(id, title, ...children) {
  document.getElementById(id)?.close();
  const close = h("button", { type: "button", class: "plain", data: { action: "close" }, "aria-label": "Close" }, "Close");
  const dialog = h(
    "dialog",
    { id, class: "panel", "aria-labelledby": `${id}-title` },
    h("div", { class: "panel-head" }, h("h2", { id: `${id}-title`, tabindex: "-1" }, title), close),
    h("div", { class: "panel-body" }, ...children),
  );
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** A list of names and values, without those that have none. */
export const facts = (pairs) =>
  h(
    "dl",
    { class: "facts" },
    pairs
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))),
  );

/** Says in the place of something why it is not there. */
export const trouble = (element, problem) => fillWith(element, h("p", { class: "problem" }, problem.message));
