// The least that a call through a second process costs: `node relay.js` starts the raw server, prints `ready ADDRESS`, and
// hands every octet of its one client to that server and back.
import { connect, createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Program } from "../program.ts";

const SERVER = fileURLToPath(new URL("../rpc/raw-server.js", import.meta.url));
const HOST = "127.0.0.1";
const PATIENCE_MS = 30_000;

await using second = new Program([process.execPath, SERVER]);
const address = await second.hear("ready", PATIENCE_MS);
const port = Number(address.slice(address.lastIndexOf(":") + 1));
const server = createServer({ noDelay: true }, (near) => {
  const far = connect({ host: HOST, port, noDelay: true });
  near.on("data", (octets: Buffer) => void far.write(octets));
  far.on("data", (octets: Buffer) => void near.write(octets));
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const)
    one.on("error", () => other.destroy()).on("close", () => other.destroy());
});
await once(server.listen(0, HOST), "listening");
process.stdout.write(`ready ${HOST}:${(server.address() as AddressInfo).port}\n`);
process.stdin.resume();
await once(process.stdin, "end");
server.close();
