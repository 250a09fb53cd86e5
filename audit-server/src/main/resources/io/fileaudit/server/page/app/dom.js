// Makes elements. Texts are set as text, never as markup: names come from whoever loads files. Styles
// are set on the object, because the page's policy refuses style attributes.

import { unturned } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) {
      continue;
    }
    if (name === "on") {
      Object.entries(value).forEach(([event, listener]) => element.addEventListener(event, listener));
    } else if (name === "data") {
      Object.entries(value).forEach(([key, text]) => {
        if (text !== null && text !== undefined) {
          element.dataset[key] = text;
        }
      });
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...nodes(children));
  return element;
}

const nodes = (children) =>
  children
    .flat()
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : unturned(child)));

/** An element with attributes (`on` for listeners, `data` for data attributes) and children. */
export const h = (tag, properties, ...children) => fill(document.createElement(tag), properties, children);

/** The same for drawings. */
export const svg = (tag, properties, ...children) => fill(document.createElementNS(SVG, tag), properties, children);

/** Sets a text, and touches nothing where it is there already. */
export function put(element, text) {
  const next = unturned(text);
  if (element.textContent !== next) {
    element.textContent = next;
  }
  return element;
}

/** Sets an attribute, or takes it away where the value is null or false. */
export function attribute(element, name, value) {
  if (value === null || value === undefined || value === false) {
    element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value === true ? "" : value)) {
    element.setAttribute(name, value === true ? "" : String(value));
  }
  return element;
}

/** Shows an element, or takes it out of sight and of the reading order. */
export function shown(element, isShown) {
  element.hidden = !isShown;
  return element;
}

/** Puts children in the place of those that are there. */
export function fillWith(element, ...children) {
  element.replaceChildren(...nodes(children));
  return element;
}

/** A button that says what it does by `data-action`. */
export const button = (action, text, onClick, properties = {}) =>
  h("button", { type: "button", data: { action }, on: { click: onClick }, ...properties }, text);

/** A link within the page. */
export const link = (href, properties, ...children) => h("a", { href, ...properties }, ...children);

/** A time with its full form behind it. */
export const time = (iso, text, full) => h("time", { datetime: iso, title: full }, text);

/** Calls at most once in so many milliseconds, and once more after the last call. */
export function calmly(millis, work) {
  let due = null;
  let last = -Infinity;
  return () => {
    if (due !== null) {
      return;
    }
    const wait = Math.max(0, last + millis - performance.now());
    due = setTimeout(() => {
      due = null;
      last = performance.now();
      work();
    }, wait);
  };
}
