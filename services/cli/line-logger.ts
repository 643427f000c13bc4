import type { LogFields, Logger } from "../../orb/index.ts";

function describe(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function line(level: string, message: string, fields: LogFields | undefined): string {
  const parts = Object.entries(fields ?? {}).map(([name, value]) => `${name}=${describe(value)}`);
  return [`${level}: ${message}`, ...parts].join("  ");
}

/** A log of one line an event: warnings and errors, and with `isVerbose` everything else. */
export function lineLogger(write: (line: string) => void, isVerbose: boolean): Logger {
  const log =
    (level: string) =>
    (message: string, fields?: LogFields): void =>
      write(line(level, message, fields));
  const drop = (): void => undefined;
  return {
    debug: isVerbose ? log("debug") : drop,
    info: isVerbose ? log("info") : drop,
    warn: log("warning"),
    error: log("error"),
  };
}
