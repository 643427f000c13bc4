import test from "ava";
import { lineLogger } from "../../../services/cli/index.ts";

test("warnings and errors are one line each; the rest only when asked for", (t) => {
  const lines: string[] = [];
  const quiet = lineLogger((line) => lines.push(line), false);
  quiet.debug("connected", { peer: "h:1" });
  quiet.info("up");
  quiet.warn("a client broke the protocol", { peer: "h:1", error: new TypeError("no magic") });
  quiet.error("down");
  t.deepEqual(lines, [
    "warning: a client broke the protocol  peer=h:1  error=TypeError: no magic",
    "error: down",
  ]);
  const verbose = lineLogger((line) => lines.push(line), true);
  verbose.debug("connected", { count: 2 });
  t.is(lines.at(-1), "debug: connected  count=2");
});
