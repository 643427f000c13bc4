import { once } from "node:events";
import { access, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import {
  BAD_PARAM,
  INITIALIZE,
  type ObjectReference,
  type ORB,
  ORB_init,
  TRANSIENT,
} from "../../../orb/index.ts";
import {
  iiopProfilesOf,
  iorFromString,
  iorToString,
  unixAddressComponent,
  unixAddressesOf,
  writeIiopProfile,
} from "../../../orb/ior/index.ts";
import { runToEnd } from "../../support/process.ts";
import { Sample, sample } from "../../support/sample.ts";

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "orbweaver-unix-"));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
}

interface Served {
  readonly server: ORB;
  readonly servant: Sample;
  readonly ior: string;
}

async function serve(t: ExecutionContext, ...listen: readonly string[]): Promise<Served> {
  const server = await ORB_init(["-ORBListenEndpoints", listen.join(";")]);
  t.teardown(() => server.destroy());
  const servant = new Sample();
  const local = await server.rootPOA.activate(servant);
  server.rootPOA.the_POAManager.activate();
  return { server, servant, ior: server.object_to_string(local) };
}

async function echoTo(ior: string): Promise<void> {
  await using client = await ORB_init([], { config: { orb: { listen: [] } } });
  await sample.echo((await client.string_to_object(ior)) as ObjectReference, "x");
}

test("an object is served at a socket alone; its file goes with the server", async (t) => {
  const path = join(await folder(t), "s");
  const { server, servant, ior } = await serve(t, `unix://${path}`);
  const [profile] = iiopProfilesOf(iorFromString(ior));
  t.is(`${profile?.host}:${profile?.port}`, `${hostname()}:0`);
  t.deepEqual(unixAddressesOf(profile?.components ?? []), [{ host: hostname(), path }]);
  await echoTo(ior);
  t.deepEqual(servant.calls, ["echo x"]);
  t.is(server.endpoints[0]?.path, path);
  await server.destroy();
  await t.throwsAsync(access(path), { code: "ENOENT" });
});

test("corbaloc:omniunix: calls at a socket by its path", async (t) => {
  const path = join(await folder(t), "s");
  const { server, servant } = await serve(t, `unix://${path}`);
  server.bindPlainKey("Sample", server.rootPOA.servant_to_reference(servant));
  await echoTo(`corbaloc:omniunix:${path}:/Sample`);
  t.deepEqual(servant.calls, ["echo x"]);
});

test("the socket is taken before the address, which serves where there is no socket", async (t) => {
  const path = join(await folder(t), "s");
  const { server, servant, ior } = await serve(t, "iiop://127.0.0.1:0", `giop:unix:${path}`);
  await using client = await ORB_init([], { config: { orb: { listen: [] } } });
  const reference = (await client.string_to_object(ior)) as ObjectReference;
  t.deepEqual(
    reference._core.targets.map(({ place }) => place),
    [`unix:${path}`, `127.0.0.1:${server.endpoints[0]?.port}`],
  );
  await rm(path);
  t.is(await sample.echo(reference, "by TCP"), "by TCP");
  t.deepEqual(servant.calls, ["echo by TCP"]);
});

test("a socket of another machine is nothing to call", async (t) => {
  const path = join(await folder(t), "s");
  const { ior } = await serve(t, `unix://${path}`);
  const { typeId, profiles } = iorFromString(ior);
  const [profile] = iiopProfilesOf({ typeId, profiles });
  if (profile === undefined) throw new TypeError("no profile");
  const elsewhere = iorToString({
    typeId,
    profiles: [
      writeIiopProfile({
        ...profile,
        // A reference of this run is known for its own, were it not for the key.
        objectKey: Buffer.from("elsewhere"),
        components: [unixAddressComponent({ host: "other.example", path })],
      }),
    ],
  });
  await t.throwsAsync(echoTo(elsewhere), { instanceOf: TRANSIENT, message: /no IIOP address/ });
});

test("the file of a server that crashed is taken over, that of a living one is not", async (t) => {
  const path = join(await folder(t), "s");
  const crash = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  const { signal } = await runToEnd(process.execPath, ["-e", crash]);
  t.is(signal, "SIGKILL");
  await access(path);
  const { ior } = await serve(t, `unix://${path}`);
  await echoTo(ior);

  const taken = join(await folder(t), "t");
  const other = createServer().listen(taken);
  await once(other, "listening");
  await t.throwsAsync(ORB_init(["-ORBListenEndpoints", `unix://${taken}`]), {
    instanceOf: INITIALIZE,
    message: new RegExp(`cannot listen on unix:${taken}: .*EADDRINUSE`),
  });
  other.close();
});

test("a path that the system has no room for is refused", async (t) => {
  for (const path of ["", `/${"x".repeat(107)}`]) {
    await t.throwsAsync(ORB_init(["-ORBListenEndpoints", `giop:unix:${path}`]), {
      instanceOf: BAD_PARAM,
      message: /its path has \d+ octets; allowed: unix:\/\/\/PATH of 1 to 107/,
    });
  }
});

test("a server at a socket ends in good order, and the client calls the next one there", async (t) => {
  const path = join(await folder(t), "s");
  const url = `unix://${path}`;
  const first = await serve(t, url);
  await using client = await ORB_init([], { config: { orb: { listen: [] } } });
  const reference = (await client.string_to_object(first.ior)) as ObjectReference;
  t.is(await sample.echo(reference, "1"), "1");
  await first.server.destroy();
  const error = await t.throwsAsync(sample.echo(reference, "2"), { instanceOf: TRANSIENT });
  t.regex(error?.message ?? "", new RegExp(`no connection to unix:${path}: `));
});
