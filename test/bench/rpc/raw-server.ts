// The raw baseline's server: `node:net` and nothing else. It stores each frame whole and sends it back.
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { FrameReader } from "./frames.ts";

const server = createServer({ noDelay: true }, (socket) => {
  const reader = new FrameReader();
  const answer = (frame: Buffer): void => void socket.write(frame);
  socket.on("data", (chunk: Buffer) => reader.consume(chunk, answer));
  socket.on("error", () => socket.destroy());
});
server.listen(0, "127.0.0.1", () => {
  const { address, port } = server.address() as AddressInfo;
  process.stdout.write(`ready ${address}:${port}\n`);
});
process.stdin.resume().on("end", () => process.exit(0));
