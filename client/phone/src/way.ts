// Who reads for somebody's eyes goes first: work in the background waits until no such read is under way.

/** So long at most: an answer that does not come must not hold up all else. */
const LONGEST_MS = 1_000;

export class Way {
  private reading = 0;
  private waiting: (() => void)[] = [];

  /** Read for somebody who waits for it. */
  async first<T>(read: () => Promise<T>): Promise<T> {
    this.reading += 1;
    try {
      return await read();
    } finally {
      this.reading -= 1;
      if (!this.reading) for (const goOn of this.waiting.splice(0)) goOn();
    }
  }

  /** Let those go first; also who taps, for what is due on the screen is done before this goes on. */
  async give(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    if (!this.reading) return;
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
      setTimeout(resolve, LONGEST_MS);
    });
  }
}
