/** What happens in a process, for those who watch it: plain data that JSON can hold. */
export interface HealthEvent {
  /** What it is about: `membership`, `cells`, `views`, `lanes`, `services`, `state`. */
  readonly about: string;
  readonly what: Readonly<Record<string, unknown>>;
}

/** A part of a process, and whether it does what it is there for. */
export interface PartState {
  readonly ready: boolean;
  /** For people. */
  readonly state: string;
}

/** What a process tells of itself over HTTP. */
export interface HealthSource {
  /** Whether it runs at all; false: it should be started again. */
  alive(): boolean;
  /** Its parts by name: it takes work when all are ready. */
  parts(): Readonly<Record<string, PartState>>;
  /** The text of `/metrics`. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** What `/topology` says, as JSON has it. @throws what `/topology` answers 503 for */
  topology(): Promise<unknown>;
  /** Calls `heard` with each event from now on. @returns ends it */
  watch(heard: (event: HealthEvent) => void): () => void;
}
