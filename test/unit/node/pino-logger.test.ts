import test from "ava";
import { pinoLogger } from "../../../services/node/index.ts";

test("pino writes the ORB's log as lines of JSON, errors with their stack", (t) => {
  const lines: string[] = [];
  const log = pinoLogger({
    name: "metro",
    destination: { write: (line) => void lines.push(line) },
  });
  log.debug("dropped");
  log.info("up", { port: 2809 });
  log.warn("broken", { peer: "h:1", error: new TypeError("no magic") });
  const [up, broken] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  t.is(lines.length, 2);
  t.like(up ?? {}, { level: 30, name: "metro", port: 2809, msg: "up" });
  t.like(broken ?? {}, { level: 40, peer: "h:1", err: { type: "TypeError", message: "no magic" } });
});

test("the level may be lower", (t) => {
  const lines: string[] = [];
  const destination = { write: (line: string): void => void lines.push(line) };
  pinoLogger({ level: "debug", destination }).debug("seen");
  t.is(lines.length, 1);
});
