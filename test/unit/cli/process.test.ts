import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { readIors } from "../../support/vectors.ts";

// The commands as processes: signals, pipes and exit codes as a shell sees them.
const MAIN: string = fileURLToPath(new URL("../../../services/cli/main.js", import.meta.url));
const IDL = "idl/omg/CosNaming.idl";
const IOR = readIors()[0]?.text.trim() ?? "";

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly err: string;
}

interface Started {
  readonly child: ChildProcess & { readonly stdout: NonNullable<ChildProcess["stdout"]> };
  readonly ended: Promise<Ended>;
}

function start(t: ExecutionContext, ...args: readonly string[]): Started {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  t.teardown(() => child.kill("SIGKILL"));
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const ended = once(child, "close").then(([code, signal]): Ended => ({ code, signal, err }));
  return { child, ended };
}

/** A server that takes requests and says nothing; `asked` when the first has come. */
async function silent(t: ExecutionContext): Promise<{ port: number; asked: Promise<unknown> }> {
  const server = createServer();
  const asked = new Promise((resolve) => {
    server.on("connection", (socket) => {
      socket.on("error", () => undefined);
      socket.on("data", resolve);
      t.teardown(() => socket.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, asked };
}

const WAITING: Readonly<Record<string, (at: string) => readonly string[]>> = {
  "ns ls": (at) => ["ns", "ls", "--timeout", "60", "--ns", `corbaloc::${at}/NameService`],
  call: (at) => ["call", `corbaloc::${at}/x`, "list", "1", "--idl", IDL, "--timeout", "60"],
  "ior of a name": (at) => ["ior", `corbaname::${at}#x`],
  "ior --probe": (at) => ["ior", "--probe", "--timeout", "60", `corbaloc::${at}/x`],
};

for (const [name, args] of Object.entries(WAITING)) {
  test.serial(`Ctrl-C ends ${name} that waits for a server, without a word`, async (t) => {
    const { port, asked } = await silent(t);
    const { child, ended } = start(t, ...args(`127.0.0.1:${port}`));
    await asked;
    const signal = name === "call" ? "SIGTERM" : "SIGINT";
    child.kill(signal);
    t.deepEqual(await ended, { code: null, signal, err: "" });
  });
}

test.serial("naming that is interrupted ends in good order, with 0", async (t) => {
  const { child, ended } = start(t, "naming", "--listen", "127.0.0.1:0");
  const lines = createInterface({ input: child.stdout });
  await once(lines, "line");
  child.kill("SIGINT");
  const { code, signal } = await ended;
  t.deepEqual([code, signal], [0, null]);
});

test.serial(
  "who stops reading is not told of it: ior, --help, and a server, which ends",
  async (t) => {
    for (const args of [
      ["ior", IOR],
      ["ior", "--json", IOR],
      ["call", "--help"],
      ["naming", "--listen", "127.0.0.1:0"],
    ]) {
      const { child, ended } = start(t, ...args);
      child.stdout.destroy();
      const { code, signal, err } = await ended;
      t.deepEqual([code, signal], [141, null], args.join(" "));
      t.notRegex(err, /EPIPE|node:/, args.join(" "));
    }
  },
);

test.serial("output that cannot be written is told, and is a failure", async (t) => {
  const child = spawn("sh", [
    "-c",
    `exec "$0" "$@" > /dev/full`,
    process.execPath,
    MAIN,
    "ior",
    IOR,
  ]);
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  t.deepEqual(await once(child, "close"), [1, null]);
  t.regex(err, /^orbweaver: the output cannot be written: ENOSPC.*\n$/);
});
