import { once } from "node:events";
import {
  closeSync,
  realpathSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { loadNative, nativeFault } from "../../../native/index.ts";
import type { NativeSockets, SocketOption } from "../../../native/index.ts";
import { runToEnd, TestProcess } from "../../support/process.ts";
import { commandOf, inChild, mayGrant } from "./child.ts";
import type { Told, Who } from "./child.ts";

function sockets(): NativeSockets {
  const addon = loadNative();
  if (addon === undefined) throw new Error(nativeFault());
  return addon.sockets;
}

function descriptorOf(socket: Socket | Server): number {
  const descriptor = sockets().descriptorOf(socket);
  if (descriptor === undefined) throw new Error("the socket has no descriptor");
  return descriptor;
}

/** Two ends of a connection that nothing reads by itself. */
interface Pair extends Disposable {
  readonly near: Socket;
  readonly far: Socket;
}

async function pair(where: { readonly path: string } | { readonly host: string }): Promise<Pair> {
  const server = createServer({ pauseOnConnect: true });
  server.listen("path" in where ? where : { ...where, port: 0 });
  await once(server, "listening");
  const address = server.address();
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const near = connect(
    typeof address === "object" && address !== null
      ? { host: address.address, port: address.port }
      : { path: address ?? "" },
  );
  near.pause();
  const [[far]] = await Promise.all([accepted, once(near, "connect")]);
  server.close();
  return {
    near,
    far,
    [Symbol.dispose]: () => {
      near.destroy();
      far.destroy();
    },
  };
}

function scratch(): { readonly folder: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "orbweaver-socket-"));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

for (const host of ["127.0.0.1", "::1"])
  test(`options of a connection to ${host} are read back as they were set`, async (t) => {
    using both = await pair({ host });
    const descriptor = descriptorOf(both.near);
    const wanted: readonly (readonly [SocketOption, number])[] = [
      ["dscp", 46],
      ["priority", 5],
      ["quickAck", 0],
      ["quickAck", 1],
      ["userTimeoutMs", 1_500],
      ["dontRoute", 1],
      ["keepAlive", 1],
      ["noDelay", 1],
      ["resetOnClose", 1],
      ["resetOnClose", 0],
    ];
    for (const [option, value] of wanted) {
      sockets().set(descriptor, option, value);
      t.is(sockets().get(descriptor, option), value, option);
    }
    sockets().set(descriptor, "sendBufferOctets", 20_000);
    sockets().set(descriptor, "receiveBufferOctets", 30_000);
    t.is(sockets().get(descriptor, "sendBufferOctets"), 40_000);
    t.is(sockets().get(descriptor, "receiveBufferOctets"), 60_000);
  });

test("a duplicate of a descriptor is the same socket, under a number as high as was asked for", async (t) => {
  using both = await pair({ host: "127.0.0.1" });
  const descriptor = descriptorOf(both.near);
  const copy = sockets().duplicate(descriptor, 300);
  t.true(copy >= 300);
  sockets().set(copy, "noDelay", 0);
  t.is(sockets().get(descriptor, "noDelay"), 0);
  sockets().closeDescriptor(copy);
  t.throws(() => sockets().get(copy, "noDelay"), { code: "EBADF" });
  t.is(sockets().get(descriptor, "noDelay"), 0);
  t.throws(() => sockets().duplicate(copy, 300), { code: "EBADF" });
});

test("what the system refuses is told with the socket and the right", async (t) => {
  const ask = (option: SocketOption, value: number, who: Who): Promise<Told> =>
    inChild("socketOption", [option, value], who);
  const { error } = await ask("priority", 7, "ordinary");
  const right = `CAP_NET_ADMIN is missing; 0 to 6 are free to all; for good: sudo setcap cap_net_admin+ep ${realpathSync(process.execPath)}`;
  t.is(error?.code, "EPERM");
  t.is(error?.missing, right);
  // Newer kernels let everybody poll.
  const { value, error: busy } = await ask("busyPollUs", 50, "ordinary");
  t.is(
    busy?.missing ?? value,
    busy === undefined ? 50 : right.replace(" 0 to 6 are free to all;", ""),
  );
  if (mayGrant("net_admin"))
    for (const [option, most] of [
      ["priority", 7],
      ["busyPollUs", 50],
    ] as const)
      t.is((await ask(option, most, { capability: "net_admin" })).value, most);
  const file = openSync("/dev/null", "r");
  t.teardown(() => closeSync(file));
  t.throws(() => sockets().set(file, "dscp", 64), { message: "dscp 64: 0 to 63 are allowed" });
  t.throws(() => sockets().set(file, "dscp", 1), { code: "ENOTSOCK" });
  t.like(
    t.throws(() => sockets().get(-1, "priority")),
    {
      code: "EBADF",
      message: "priority of socket -1: getsockopt says EBADF",
    },
  );
});

test("a process that is killed resets its idle connections where they were told to", async (t) => {
  const heard: string[] = [];
  for (const reset of [true, false]) {
    await using server = new TestProcess(process.execPath, [
      new URL("scenarios.js", import.meta.url).pathname,
      "acceptAndStay",
      JSON.stringify(reset),
    ]);
    const [, port] = await server.match(/port (\d+)/);
    const client = connect({ host: "127.0.0.1", port: Number(port) });
    client.on("error", (error: NodeJS.ErrnoException) => heard.push(error.code ?? error.message));
    client.on("end", () => heard.push("end"));
    const closed = new Promise((resolve) => client.on("close", resolve));
    client.resume();
    await server.match(/accepted/);
    server.kill("SIGKILL");
    await closed;
  }
  t.deepEqual(heard, ["ECONNRESET", "end"]);
});

test("a UNIX-domain connection tells who is at its other end", async (t) => {
  using room = scratch();
  using both = await pair({ path: join(room.folder, "s") });
  t.deepEqual(sockets().peerCredentials(descriptorOf(both.far)), {
    pid: process.pid,
    uid: process.getuid?.() ?? -1,
    gid: process.getgid?.() ?? -1,
  });
});

test("of another user's connection, that user is told", async (t) => {
  if (!mayGrant()) {
    t.log("only root can act as another user: not seen here");
    t.pass();
    return;
  }
  using room = scratch();
  const server = createServer({ pauseOnConnect: true }).listen(join(room.folder, "s"));
  await once(server, "listening");
  await runToEnd("chmod", ["-R", "a+rwx", room.folder]);
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const [command, ...args] = commandOf("ordinary", [
    process.execPath,
    "--eval",
    `require("node:net").connect(${JSON.stringify(join(room.folder, "s"))}).resume()`,
  ]);
  await using client = new TestProcess(command, args);
  const [far] = await accepted;
  t.like(sockets().peerCredentials(descriptorOf(far)), { uid: 65_534, gid: 65_534 });
  far.destroy();
  await client.ended();
  server.close();
});

test("descriptors go over a UNIX-domain socket with the octets", async (t) => {
  using room = scratch();
  using both = await pair({ path: join(room.folder, "s") });
  const [near, far] = [descriptorOf(both.near), descriptorOf(both.far)];
  const file = join(room.folder, "f");
  writeFileSync(file, "kept");
  const sent = [openSync(file, "r"), openSync(file, "r")];
  const octets = new Uint8Array(10);
  t.is(sockets().receiveDescriptors(far, octets, 0), undefined);
  t.is(sockets().sendDescriptors(near, Buffer.from("two"), sent), 3);
  for (const each of sent) closeSync(each);
  const got = sockets().receiveDescriptors(far, octets, 5_000);
  t.is(got?.octetCount, 3);
  t.is(Buffer.from(octets.subarray(0, 3)).toString(), "two");
  t.is(got?.descriptors.length, 2);
  for (const descriptor of got?.descriptors ?? []) {
    const text = Buffer.alloc(4);
    readSync(descriptor, text, 0, 4, 0);
    t.is(text.toString(), "kept");
    sockets().closeDescriptor(descriptor);
  }
  both.near.destroy();
  await once(both.near, "close");
  t.deepEqual(sockets().receiveDescriptors(far, octets, 5_000), { octetCount: 0, descriptors: [] });
});

test("descriptors that cannot go are refused", async (t) => {
  using room = scratch();
  using both = await pair({ path: join(room.folder, "s") });
  const near = descriptorOf(both.near);
  t.throws(() => sockets().sendDescriptors(near, new Uint8Array(0), [near]), { code: "EINVAL" });
  t.throws(() => sockets().sendDescriptors(near, new Uint8Array(1), []), { code: "EINVAL" });
  t.throws(() => sockets().sendDescriptors(near, new Uint8Array(1), Array(254).fill(near)), {
    code: "EINVAL",
  });
  t.like(
    t.throws(() => sockets().sendDescriptors(near, new Uint8Array(1), [9_999])),
    {
      code: "EBADF",
      message: `descriptors 9999 over socket ${near}: sendmsg says EBADF`,
    },
  );
  using internet = await pair({ host: "127.0.0.1" });
  const tcp = descriptorOf(internet.near);
  t.throws(() => sockets().receiveDescriptors(tcp, new Uint8Array(0), 0), { code: "EINVAL" });
});

test("descriptors beyond the limit of the process are refused, and the others closed", async (t) => {
  const program = new URL("scenarios.js", import.meta.url).pathname;
  const args = ["--nofile=100", process.execPath, program, "tooManyDescriptors"];
  const { output, errors } = await runToEnd("prlimit", args);
  t.is(errors, "");
  t.deepEqual(JSON.parse(output), { value: ["EMFILE", true] });
});

test("as many descriptors as the kernel takes arrive, and none is left open", async (t) => {
  using room = scratch();
  using both = await pair({ path: join(room.folder, "s") });
  const descriptor = openSync("/dev/null", "r");
  const count = 253;
  sockets().sendDescriptors(
    descriptorOf(both.near),
    Uint8Array.of(1),
    Array<number>(count).fill(descriptor),
  );
  const got = sockets().receiveDescriptors(descriptorOf(both.far), new Uint8Array(1), 5_000);
  t.is(new Set(got?.descriptors).size, count);
  for (const each of got?.descriptors ?? []) sockets().closeDescriptor(each);
  closeSync(descriptor);
  t.throws(() => sockets().closeDescriptor(2 ** 30), {
    code: "EBADF",
    message: /^descriptor 1073741824: close/,
  });
});

test("a socket that is closed, or none, has no descriptor", async (t) => {
  const server = createServer().listen(0);
  await once(server, "listening");
  t.true(descriptorOf(server) > 2);
  server.close();
  await once(server, "close");
  t.is(sockets().descriptorOf(server), undefined);
  t.is(sockets().descriptorOf({}), undefined);
});

/** Prints one datagram that comes to a socket; perl has such sockets, and Debian always has perl. */
const LISTENER = `
use Socket;
socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die $!;
my $path = $ARGV[0];
$path =~ s/^@/\\0/;
bind($socket, pack_sockaddr_un($path)) or die $!;
$| = 1;
print "listening\\n";
recv($socket, my $text, 1000, 0);
print "heard $text\\n";
`;

for (const kind of ["a file", "memory"])
  test(`a datagram goes to a UNIX-domain socket that is ${kind}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "orbweaver-datagram-"));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const path = kind === "memory" ? `@orbweaver-test-${process.pid}` : join(folder, "socket");
    await using listener = new TestProcess("perl", ["-e", LISTENER, path]);
    await listener.match(/^listening$/m);
    sockets().sendDatagram(path, Buffer.from("READY=1"));
    t.truthy(await listener.match(/^heard READY=1$/m));
  });

test("a datagram to nobody is the system's error", (t) => {
  t.throws(() => sockets().sendDatagram("/nowhere/socket", Buffer.from("x")), {
    message: /a datagram to \/nowhere\/socket: .*ENOENT|ENOENT/,
  });
  t.throws(() => sockets().sendDatagram(`/${"x".repeat(200)}`, Buffer.from("x")), {
    message: /ENAMETOOLONG/,
  });
});
