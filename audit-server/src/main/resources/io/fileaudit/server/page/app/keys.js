// Keys: `/` to search, `j` and `k` to go through rows, Enter to open one, `f` for failures, `?` for help.

const isText = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

/**
 * The row that is next to the one that has the focus.
 *
 * @param {number} at its place, -1 where none has it
 * @param {number} count how many rows there are
 * @param {1|-1} step
 */
export function neighbour(at, count, step) {
  if (count === 0) {
    return -1;
  }
  return at < 0 ? 0 : Math.max(0, Math.min(count - 1, at + step));
}

/** Listens. Keys with Ctrl, Alt or Meta are the browser's, and whoever types is left alone. */
export function watchKeys({ help, view }) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) {
      return;
    }
    const target = event.target;
    if (event.key === "Escape" && target.matches?.("input[type=search]")) {
      target.blur();
      return;
    }
    if (document.querySelector("dialog[open]") || isText(target)) {
      return;
    }
    const done = act(event.key);
    if (done) {
      event.preventDefault();
    }
  });

  function act(key) {
    switch (key) {
      case "?":
        help.showModal();
        return true;
      case "/":
        return focus(document.querySelector("#main input[type=search]"));
      case "j":
      case "k":
        return walk(key === "j" ? 1 : -1);
      case "f":
        return view()?.failures?.() ?? false;
      default:
        return false;
    }
  }

  function focus(element) {
    element?.focus();
    element?.select?.();
    return element !== null;
  }

  function walk(step) {
    if (view()?.walk) {
      return view().walk(step);
    }
    const rows = [...document.querySelectorAll("#main [data-row-link]")].filter((row) => row.offsetParent !== null);
    const next = rows[neighbour(rows.indexOf(document.activeElement), rows.length, step)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
    return next !== undefined;
  }
}
