import { spawn } from "node:child_process";
import { once } from "node:events";
import test from "ava";
import { outlived } from "../../bench/program.ts";

const DIES = `process.stdin.once("data", () => process.kill(process.pid, "SIGKILL"))`;
/** What a shell says of a program that was killed. */
const KILLED = 128 + 9;

test("a program that is outlived can die, and ends for its parent when its input does", async (t) => {
  const [program, ...args] = outlived([process.execPath, "-e", DIES]);
  const child = spawn(program, args, { stdio: ["pipe", "ignore", "ignore"] });
  child.stdin.end("die\n");
  t.deepEqual(await once(child, "exit"), [KILLED, null]);
});
