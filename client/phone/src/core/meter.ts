// What the phone spent on the network, against what asking again and again would have cost. Pure.

export interface Spent {
  /** Requests that were answered, or not. */
  readonly trips: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Of these, what staying up to date by the feed took. */
  readonly feedTrips: number;
  readonly feedBytes: number;
  /** How long the feed was open, in ms: as long a polling phone would have asked. */
  readonly watchedMs: number;
}

export const NOTHING: Spent = {
  trips: 0,
  bytesUp: 0,
  bytesDown: 0,
  feedTrips: 0,
  feedBytes: 0,
  watchedMs: 0,
};

export interface Polling {
  readonly trips: number;
  readonly bytes: number;
}

/** A phone that polls asks every ten seconds for the newest page. */
export const POLL_EVERY_MS = 10_000;
/** The lines and headers of a request and its answer, in bytes; measured of this phone's own calls. */
export const HEADERS_BYTES = 700;

/** What polling would have cost in the same time: the newest page of `pageBytes`, every ten seconds. */
export function polling(watchedMs: number, pageBytes: number): Polling {
  const trips = Math.floor(watchedMs / POLL_EVERY_MS);
  return { trips, bytes: trips * (pageBytes + HEADERS_BYTES) };
}

export function add(spent: Spent, more: Partial<Spent>): Spent {
  return {
    trips: spent.trips + (more.trips ?? 0),
    bytesUp: spent.bytesUp + (more.bytesUp ?? 0),
    bytesDown: spent.bytesDown + (more.bytesDown ?? 0),
    feedTrips: spent.feedTrips + (more.feedTrips ?? 0),
    feedBytes: spent.feedBytes + (more.feedBytes ?? 0),
    watchedMs: spent.watchedMs + (more.watchedMs ?? 0),
  };
}

/** Bytes as people read them: "812 B", "3.4 kB", "1.2 MB". */
export function showBytes(bytes: number, language: string): string {
  const [size, unit] = bytes < 1000 ? [bytes, "B"] : bytes < 1e6 ? [bytes / 1000, "kB"] : [bytes / 1e6, "MB"];
  return `${new Intl.NumberFormat(language, { maximumSignificantDigits: size < 100 ? 2 : 3 }).format(size)} ${unit}`;
}
