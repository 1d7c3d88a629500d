// Tells the views of all tabs that something on the disk or in the session changed.

export type Topic = "outbox" | "copy" | "answers" | "session" | "meter";

export class Bus {
  private readonly channel = new BroadcastChannel("clientela");
  private readonly listeners = new Set<(topic: Topic) => void>();

  constructor() {
    this.channel.onmessage = (event) => this.here(event.data as Topic);
  }

  tell(topic: Topic): void {
    this.here(topic);
    this.channel.postMessage(topic);
  }

  listen(listener: (topic: Topic) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private here(topic: Topic): void {
    for (const listener of this.listeners) listener(topic);
  }
}
