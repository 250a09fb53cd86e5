// Turns figures, durations and times into the texts that people read. Pure: no document, no clock.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** What stands for a figure that is not known. */
export const UNKNOWN = "–";

const known = (value) => typeof value === "number" && Number.isFinite(value);

const two = (value) => String(value).padStart(2, "0");

/**
 * A text with the signs made visible that turn around what follows them, or that end such a turn: a name that
 * bears one would read as another name, and turn what stands behind it.
 */
export function unturned(text) {
  return String(text).replace(/[\u202a-\u202e\u2066-\u2069]/g, (sign) => `⟨U+${sign.charCodeAt(0).toString(16).toUpperCase()}⟩`);
}

/** `1,234,567`. */
export function count(value) {
  return known(value) ? whole.format(value) : UNKNOWN;
}

/** `181.5M`, `51k`: where a column is narrow; the exact figure belongs in a title. */
export function short(value) {
  return known(value) ? (Math.abs(value) < 10_000 ? whole.format(value) : compact.format(value).replace("K", "k")) : UNKNOWN;
}

/** `1 file`, `2 files`. */
export function things(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `673.5 MB`, in thousands as disks and networks are sold. */
export function bytes(value) {
  if (!known(value)) {
    return UNKNOWN;
  }
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let unit = 0;
  let left = value;
  while (Math.abs(left) >= 1000 && unit < units.length - 1) {
    left /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? whole.format(left) : oneDigit.format(left)} ${units[unit]}`;
}

/** `51,000/s`; small rates keep a digit, so that slow is not shown as nothing. */
export function rate(value) {
  if (!known(value)) {
    return UNKNOWN;
  }
  return value > 0 && value < 10 ? `${oneDigit.format(value)}/s` : `${short(value)}/s`;
}

/** `87.5 %`. */
export function percent(share) {
  return known(share) ? `${oneDigit.format(Math.floor(share * 1000) / 10)} %` : UNKNOWN;
}

/** To the second: `42s`, `30m02s`, `1h05m09s`, `2d03h`. Zeros at the end are left out: `30m`. */
export function duration(seconds) {
  if (!known(seconds)) {
    return UNKNOWN;
  }
  const all = Math.max(0, Math.floor(seconds));
  if (all < MINUTE) {
    return `${all}s`;
  }
  if (all < HOUR) {
    return `${Math.floor(all / MINUTE)}m${all % MINUTE ? `${two(all % MINUTE)}s` : ""}`;
  }
  if (all < DAY) {
    const minutes = Math.floor((all % HOUR) / MINUTE);
    const rest = all % MINUTE;
    return `${Math.floor(all / HOUR)}h${minutes || rest ? `${two(minutes)}m` : ""}${rest ? `${two(rest)}s` : ""}`;
  }
  const hours = Math.floor((all % DAY) / HOUR);
  return `${Math.floor(all / DAY)}d${hours ? `${two(hours)}h` : ""}`;
}

/** The two greatest units at most, and no seconds from a minute on: `42s`, `16m`, `1h05m`. */
export function roughly(seconds) {
  if (!known(seconds)) {
    return UNKNOWN;
  }
  return seconds < MINUTE ? duration(seconds) : duration(Math.floor(seconds / MINUTE) * MINUTE);
}

/** How long something took that is over: less than a second is not nothing. */
export function took(seconds) {
  return known(seconds) && seconds < 1 ? "< 1s" : duration(seconds);
}

/** For clocks that tick: seconds up to an hour, minutes from then on. */
export function ticking(seconds) {
  return known(seconds) && seconds >= HOUR ? roughly(seconds) : duration(seconds);
}

/** `under a millisecond`, `12 ms`, `1.2 s`: for times that machines take. */
export function latency(seconds) {
  if (!known(seconds)) {
    return UNKNOWN;
  }
  if (seconds < 0.001) {
    return "< 1 ms";
  }
  return seconds < 1 ? `${whole.format(seconds * 1000)} ms` : `${oneDigit.format(seconds)} s`;
}

/** Seconds of an ISO 8601 duration of days and less, as the service writes them; null for others. */
export function isoSeconds(text) {
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text ?? "");
  if (!parts || text.endsWith("P") || text.endsWith("T")) {
    return null;
  }
  const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return days * DAY + hours * HOUR + minutes * MINUTE + seconds;
}

/** An ISO 8601 duration of so many seconds. */
export function isoDuration(seconds) {
  return `PT${Math.round(seconds * 1000) / 1000}S`;
}

/** `12:03:11` where the reader is. */
export function timeOfDay(millis, zone) {
  return known(millis)
    ? new Date(millis).toLocaleTimeString("en-GB", { hour12: false, timeZone: zone })
    : UNKNOWN;
}

/** `14:02` today, `23 Nov 14:02` before: enough to tell nights apart. */
export function moment(iso, now, zone) {
  const at = Date.parse(iso ?? "");
  if (!known(at)) {
    return UNKNOWN;
  }
  const date = (time, options) => new Date(time).toLocaleDateString("en-GB", { ...options, timeZone: zone });
  const clock = timeOfDay(at, zone).slice(0, 5);
  const key = { year: "numeric", month: "2-digit", day: "2-digit" };
  if (date(at, key) === date(now, key)) {
    return clock;
  }
  const year = date(at, { year: "numeric" }) === date(now, { year: "numeric" }) ? {} : { year: "numeric" };
  return `${date(at, { day: "numeric", month: "short", ...year })} ${clock}`;
}

/** `23 Nov 2026, 14:02:33`: all of it, for titles and evidence. */
export function fullMoment(iso, zone) {
  const at = Date.parse(iso ?? "");
  if (!known(at)) {
    return UNKNOWN;
  }
  const day = new Date(at).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: zone,
  });
  return `${day}, ${timeOfDay(at, zone)}`;
}

/** Seconds between two times; null where one is missing. */
export function secondsBetween(from, to) {
  const begin = Date.parse(from ?? "");
  const end = Date.parse(to ?? "");
  return known(begin) && known(end) ? (end - begin) / 1000 : null;
}

/** The beginning of an id, as far as the moment in it goes: eight characters last for a minute. */
export function shortId(id) {
  return String(id).slice(0, 13);
}
