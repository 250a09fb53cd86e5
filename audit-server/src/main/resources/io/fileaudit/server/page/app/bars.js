// Small drawings of parts of a whole, in SVG, and lines of what came lately.

import { attribute, svg } from "./dom.js";

const WIDTH = 100;

/**
 * A bar of parts, in per cent of its width.
 *
 * @param {string} label what it tells, for those who do not see it
 */
export function bar(className = "") {
  const element = svg("svg", {
    class: `bar ${className}`,
    viewBox: `0 0 ${WIDTH} 6`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
    focusable: "false",
  });
  return {
    element,
    /** @param {{share: number, kind: string}[]} parts */
    set(parts) {
      let x = 0;
      parts.forEach(({ share, kind }, index) => {
        const part = element.children[index] ?? element.appendChild(svg("rect", { y: 0, height: 6 }));
        const width = Math.max(0, Math.min(WIDTH - x, share * WIDTH));
        attribute(part, "x", x.toFixed(2));
        attribute(part, "width", width.toFixed(2));
        attribute(part, "class", kind);
        x += width;
      });
      while (element.children.length > parts.length) {
        element.lastChild.remove();
      }
    },
  };
}

/** A line of the last values, from nothing to the greatest. */
export function spark(values, width = 160, height = 32) {
  const most = Math.max(...values.filter((value) => value !== null), 0) || 1;
  const step = width / Math.max(1, values.length - 1);
  let path = "";
  let drawing = false;
  values.forEach((value, index) => {
    if (value === null) {
      drawing = false;
      return;
    }
    const y = height - 1.5 - (value / most) * (height - 3);
    path += `${drawing ? "L" : "M"}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    drawing = true;
  });
  return svg(
    "svg",
    { class: "spark", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("path", { d: path || "M0 0" }),
  );
}
