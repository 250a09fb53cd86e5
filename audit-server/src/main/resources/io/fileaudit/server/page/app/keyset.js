// A long list of which only the pages in sight are kept. Pages are reached by cursors, one after the
// other; the cursor of every page is kept, and of the pages themselves the last few that were looked
// at, so that a million rows cost a few thousand cursors. Pure.

/** How many rows a page has. */
export const PAGE = 500;

/** How many pages are kept. */
const KEPT = 12;

/** Browsers lay out no more than some ten million pixels; longer lists are scrolled at a scale. */
const MOST_PIXELS = 8_000_000;

/**
 * Which rows are in sight.
 *
 * @param {{top: number, height: number, row: number, count: number}} scroll how far the box is scrolled, its
 *     height, the height of a row, and how many rows there are
 * @returns {{first: number, last: number, before: number, total: number}} rows `first` (included) to `last`
 *     (not included), the pixels above them, and those of all
 */
export function sight({ top, height, row, count }) {
  const around = 8;
  const full = count * row;
  const total = Math.min(full, MOST_PIXELS);
  const room = Math.max(1, total - height);
  const at = total === full ? top : (Math.min(top, room) / room) * Math.max(0, full - height);
  const begin = Math.floor(at / row);
  const first = Math.max(0, Math.min(count, begin - around));
  const last = Math.min(count, begin + Math.ceil(height / row) + around);
  const before = total === full ? first * row : Math.max(0, top - (at - first * row));
  return { first, last, before: Math.min(before, Math.max(0, total - (last - first) * row)), total };
}

/**
 * A list read page by page.
 *
 * @param {(cursor: string|null) => Promise<{items: object[], next: string|null}>} fetchPage
 */
export class Keyset {
  /** The cursor that leads to each page that is known of. */
  #cursors = [null];
  /** Pages in the order in which they were last looked at, the latest last. */
  #pages = new Map();
  #sizes = [];
  #ended = false;
  #loading = new Map();

  constructor(fetchPage, size = PAGE) {
    this.fetchPage = fetchPage;
    this.size = size;
  }

  /** How many rows are known of. */
  get count() {
    return this.#sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Whether the last row is among them. */
  get isWhole() {
    return this.#ended;
  }

  /** A row; undefined where its page is not here at present. */
  row(index) {
    return this.#pages.get(Math.floor(index / this.size))?.[index % this.size];
  }

  /** The first row that was read; undefined before. */
  get isRead() {
    return this.#sizes.length > 0;
  }

  /**
   * Fetches the pages that rows are on, as far as the way to them is known.
   *
   * @returns {Promise<boolean>} whether anything was fetched
   */
  async need(first, last) {
    const wanted = [];
    const most = Math.min(this.#cursors.length - 1, Math.floor(Math.max(first, last - 1) / this.size));
    for (let page = Math.floor(first / this.size); page <= most; page += 1) {
      if (this.#pages.has(page)) {
        this.#touch(page, this.#pages.get(page));
      } else {
        wanted.push(page);
      }
    }
    await Promise.all(wanted.map((page) => this.#load(page)));
    return wanted.length > 0;
  }

  /** Fetches pages again, to show what has become of their rows. */
  async refresh(first, last) {
    for (let page = Math.floor(first / this.size); page * this.size < Math.max(last, first + 1); page += 1) {
      if (page < this.#cursors.length) {
        await this.#load(page);
      }
    }
    for (const page of [...this.#pages.keys()]) {
      if ((page + 1) * this.size <= first || page * this.size >= Math.max(last, first + 1)) {
        this.#pages.delete(page);
      }
    }
  }

  #touch(page, items) {
    this.#pages.delete(page);
    this.#pages.set(page, items);
  }

  #load(page) {
    const under = this.#loading.get(page);
    if (under) {
      return under;
    }
    const loading = this.fetchPage(this.#cursors[page])
      .then(({ items, next }) => this.#keep(page, items, next))
      .finally(() => this.#loading.delete(page));
    this.#loading.set(page, loading);
    return loading;
  }

  #keep(page, items, next) {
    this.#touch(page, items);
    this.#sizes[page] = items.length;
    if (next === null) {
      this.#ended = true;
      this.#cursors.length = page + 1;
      this.#sizes.length = page + 1;
    } else {
      if (page === this.#cursors.length - 1) {
        this.#ended = false;
      }
      this.#cursors[page + 1] = next;
    }
    while (this.#pages.size > KEPT) {
      this.#pages.delete(this.#pages.keys().next().value);
    }
  }
}
