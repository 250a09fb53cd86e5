// The chart of throughput, the one that zooms: uPlot draws it, and is fetched when it is first needed.

import { button, calmly, h, put, shown } from "./dom.js";
import { count, rate, short, timeOfDay } from "./format.js";
import { fromFiles, inWords, joined, liveLine, rowsOf } from "./throughput.js";

const HEIGHT = 190;
/** The least that the chart shows at once, so that its first moments do not fill it. */
const LEAST_SECONDS = 30;
/** Steps of the axis, in seconds: a second at least, and then as clocks are divided. */
const STEPS = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];
/** Steps of rows a second: whole ones. */
const ROW_STEPS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
const MOST_FILES = 5000;
const FILES_PAGE = 1000;

let library = null;

function uPlotLibrary() {
  library ??= new Promise((loaded, failed) => {
    const script = h("script", { src: "/ui/files/uPlot.iife.min.js" });
    script.addEventListener("load", () => loaded(globalThis.uPlot));
    script.addEventListener("error", () => {
      library = null;
      failed(new Error("the chart could not be fetched"));
    });
    document.head.append(script);
  });
  return library;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The block with the chart. */
export function throughput(page) {
  let line = liveLine();
  let history = [];
  let historyOf = null;
  let plot = null;
  let isClosed = false;
  let snapshot = null;

  const words = h("p", { class: "chart-words", id: "throughput-words" });
  const canvas = h("div", { class: "chart", role: "img", "aria-label": "Rows per second", "aria-describedby": "throughput-words" });
  const whole = button("whole", "Show all", () => zoom(null), { class: "small", hidden: true });
  const element = h(
    "section",
    { class: "card throughput", id: "throughput", "aria-labelledby": "throughput-title" },
    h("div", { class: "card-head" }, h("h2", { id: "throughput-title" }, "Rows per second"), words, whole),
    canvas,
  );

  const least = () => (snapshot?.ended_at ? 1 : LEAST_SECONDS);
  const points = () => joined(history, line.points());

  function data() {
    const all = points();
    return [all.map(([at]) => at), all.map(([, value]) => value)];
  }

  function say() {
    const told = inWords(points());
    put(words, told ? `${snapshot?.ended_at ? "" : `now ${rate(told.last)}, `}at most ${rate(told.most)}` : nothing());
    shown(canvas, plot !== null || !snapshot?.ended_at || points().length > 1);
  }

  function nothing() {
    if (!snapshot || rowsOf(snapshot) === 0) {
      return snapshot?.ended_at ? "no rows" : "nothing yet";
    }
    return snapshot.ended_at ? `not drawn for more than ${count(MOST_FILES)} files` : "drawn from now on";
  }

  const width = () => Math.max(200, Math.floor(canvas.clientWidth));

  async function draw() {
    say();
    if (isClosed || points().length < 2) {
      return;
    }
    if (plot) {
      plot.setData(data(), !isZoomed());
      return;
    }
    const UPlot = await uPlotLibrary();
    if (isClosed || plot) {
      return;
    }
    const axis = { stroke: () => colour("--faint"), grid: { stroke: () => colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    plot = new UPlot(
      {
        width: width(),
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false, points: { size: 7 }, drag: { x: true, y: false, setScale: true } },
        scales: { x: { time: true, range: (_, from, to) => [Math.min(from, to - least()), to] }, y: { range: (_, least, most) => [0, most > 0 ? most * 1.1 : 1] } },
        axes: [
          { ...axis, size: 26, space: 70, incrs: STEPS, values: (_, at) => at.map((each) => timeOfDay(each * 1000).slice(0, at.length > 1 && at[1] - at[0] < 60 ? 8 : 5)) },
          { ...axis, size: 52, incrs: ROW_STEPS, values: (_, values) => values.map(short) },
        ],
        series: [{}, { stroke: () => colour("--action"), fill: () => colour("--area"), width: 1.5, spanGaps: true, points: { show: false } }],
        hooks: { setScale: [() => shown(whole, isZoomed())], setCursor: [point] },
      },
      data(),
      canvas,
    );
  }

  function point(drawn) {
    const at = drawn.cursor.idx;
    if (at === null || at === undefined || drawn.cursor.left < 0) {
      say();
    } else {
      put(words, `${timeOfDay(drawn.data[0][at] * 1000)}: ${count(Math.round(drawn.data[1][at]))} rows/s`);
    }
  }

  function isZoomed() {
    const times = plot?.data[0] ?? [];
    return times.length > 0 && (plot.scales.x.min > Math.min(times[0], times[times.length - 1] - least()) + 0.001 || plot.scales.x.max < times[times.length - 1] - 0.001);
  }

  function zoom(range) {
    const times = plot.data[0];
    plot.setScale("x", range ?? { min: times[0], max: times[times.length - 1] });
  }

  /** What came before the page was opened; only where the files are few enough to be read for it. */
  async function readHistory() {
    const files = snapshot.totals.files;
    const key = `${snapshot.id} ${snapshot.run} ${snapshot.ended_at ?? ""}`;
    if (historyOf === key || files.completed + files.running > MOST_FILES) {
      return;
    }
    historyOf = key;
    const found = [];
    let cursor = "";
    do {
      const answer = await page.calls.get(`/batches/${snapshot.id}/files?page_size=${FILES_PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      found.push(...answer.items);
      cursor = answer.next ?? "";
    } while (cursor && found.length < 2 * MOST_FILES && !isClosed);
    history = fromFiles(found.filter((file) => file.run === snapshot.run), page.clock.now(), !snapshot.ended_at);
  }

  const drawSoon = calmly(1000, () => draw().catch(() => {}));
  const resized = new ResizeObserver(() => plot?.setSize({ width: width(), height: HEIGHT }));
  resized.observe(canvas);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const recolour = () => plot?.redraw(false, true);
  dark.addEventListener("change", recolour);

  return {
    element,
    set(next) {
      if (snapshot && next.run !== snapshot.run) {
        line = liveLine();
      }
      snapshot = next;
      if (!next.ended_at) {
        line.add(next);
      }
      readHistory()
        .catch(() => {})
        .then(drawSoon);
    },
    tick(now) {
      if (snapshot && !snapshot.ended_at && line.quiet(now / 1000)) {
        drawSoon();
      }
    },
    close() {
      isClosed = true;
      resized.disconnect();
      dark.removeEventListener("change", recolour);
      plot?.destroy();
    },
  };
}
