import type * as Metro from "./gen/Metro.ts";

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function heading(text: string): void {
  print(`\n${text}`);
}

/** Local time of day with milliseconds. */
export function timeOfDay(at: Metro.Instant): string {
  const date = new Date(Number(at / 1000n));
  const two = (n: number): string => `${n}`.padStart(2, "0");
  const ms = `${date.getMilliseconds()}`.padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

export function readingText(reading: Metro.Reading): string {
  switch (reading.$d) {
    case "track": {
      const { train, inbound, speed } = reading.train;
      return `train ${train} ${inbound ? "inbound" : "outbound"} at ${speed.toFixed(1)} m/s`;
    }
    case "temperature":
      return `${reading.celsius.toFixed(1)} degrees`;
    case "door":
      return reading.open ? "door open" : "door shut";
    case "panel":
      return reading.note;
  }
}

/** One row of the table of times. */
export function timesRow(what: string, micros: readonly number[]): string {
  const sorted = micros.toSorted((a, b) => a - b);
  const at = (part: number): string =>
    (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(0).padStart(10);
  return `  ${what.padEnd(34)} ${`${sorted.length}`.padStart(6)}${at(0.5)}${at(0.99)}${at(1)}`;
}

export function timesHead(): string {
  const head = ["p50", "p99", "max"].map((text) => text.padStart(10)).join("");
  return `  ${"".padEnd(34)} ${"calls".padStart(6)}${head}`;
}
