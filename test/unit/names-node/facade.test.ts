// CosNaming on several peers over names that they decide on together; clients in ORBs of their own, over sockets.
import test from "ava";
import { CosNaming } from "../../../idl/index.ts";
import {
  describeReference,
  type ObjectReference,
  type ORB,
  ORB_init,
  TRANSIENT,
} from "../../../orb/index.ts";
import { nameFromString } from "../../../services/naming/index.ts";
import { NamingCompany } from "../../support/names/index.ts";

const { NamingContext, NamingContextExt } = CosNaming;
const n = nameFromString;

function need<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new TypeError("nil");
  return value;
}

/** A client that knows some peers. */
async function clientOf(corbaloc: string): Promise<{
  readonly orb: ORB;
  readonly names: CosNaming.NamingContextExt;
  [Symbol.asyncDispose](): Promise<void>;
}> {
  const orb = await ORB_init([], { config: { orb: { listen: [], deadlineMs: 10_000 } } });
  const names = need(await NamingContextExt.narrow(await orb.string_to_object(corbaloc)));
  return { orb, names, [Symbol.asyncDispose]: () => orb.destroy() };
}

async function some(orb: ORB, key: string): Promise<ObjectReference> {
  return need(await orb.string_to_object(`corbaloc:iiop:1.2@host.example:1/${key}`));
}

test("what is bound through one peer is resolved through all, and bound again through none", async (t) => {
  await using company = await NamingCompany.start();
  await using first = await clientOf(company.corbaloc(["a"]));
  const object = await some(first.orb, "doors");
  await first.names.bind(n("doors"), object);
  for (const id of ["b", "c", "d"]) {
    await using other = await clientOf(company.corbaloc([id]));
    const found = await other.names.resolve(n("doors"));
    t.is(other.orb.object_to_string(found), first.orb.object_to_string(object));
    await t.throwsAsync(other.names.bind(n("doors"), object), {
      instanceOf: NamingContext.AlreadyBound,
    });
  }
});

test("a context got through one peer is the same context through another, also to bind it there", async (t) => {
  await using company = await NamingCompany.start();
  await using a = await clientOf(company.corbaloc(["a"]));
  await using d = await clientOf(company.corbaloc(["d"]));
  const lines = need(await a.names.bind_new_context(n("lines")));
  // Bound through another peer, under another name: no foreign context, but the very same.
  await d.names.bind_context(n("again"), lines);
  await d.names.bind(n("again/yellow"), await some(d.orb, "yellow"));
  t.truthy(await lines.resolve(n("yellow")));
  t.truthy(await a.names.resolve(n("lines/yellow")));
  await t.throwsAsync(lines.destroy(), { instanceOf: NamingContext.NotEmpty });
  const seen = need(await NamingContext.narrow(await d.names.resolve(n("lines"))));
  await seen.unbind(n("yellow"));
  await seen.destroy();
  await t.throwsAsync(lines.list(1), { message: /OBJECT_NOT_EXIST/ });
  await t.throwsAsync(a.names.resolve(n("again/yellow")), {
    instanceOf: NamingContext.CannotProceed,
  });
});

test("a context's reference names every peer, and goes on working when the one it came from is gone", async (t) => {
  await using company = await NamingCompany.start();
  await using client = await clientOf(company.corbaloc(["a", "b"]));
  const lines = need(await client.names.bind_new_context(n("lines")));
  await lines.bind(n("yellow"), await some(client.orb, "yellow"));
  const text = client.orb.object_to_string(await client.names.resolve(n("lines")));
  const described = describeReference(text).profiles.flatMap(({ iiop, components }) => [
    iiop?.port,
    ...components
      .filter(({ name }) => name === "TAG_ALTERNATE_IIOP_ADDRESS")
      .map(({ content }) => content),
  ]);
  t.is(described.length, 4);
  const kept = need(await NamingContext.narrow(await client.orb.string_to_object(text)));
  await company.stop("a");
  t.truthy(await kept.resolve(n("yellow")));
  // The corbaloc of old clients: two addresses, of which one lives.
  t.truthy(await client.names.resolve(n("lines/yellow")));
  await client.names.bind(n("lines/green"), await some(client.orb, "green"));
  t.truthy(await kept.resolve(n("green")));
});

test("with one peer left names resolve, and a bind is TRANSIENT", async (t) => {
  await using company = await NamingCompany.start();
  await using client = await clientOf(company.corbaloc(["a", "b", "c", "d"]));
  const object = await some(client.orb, "x");
  for (let i = 0; i < 5; i++) await client.names.bind(n(`n${i}`), object);
  // Nobody is asked any more once the copy has them.
  await using through = await clientOf(company.corbaloc(["d"]));
  for (let i = 0; i < 5; i++) await through.names.resolve(n(`n${i}`));
  for (const id of ["a", "b", "c"]) await company.stop(id);
  for (let i = 0; i < 5; i++) t.truthy(await client.names.resolve(n(`n${i}`)));
  await t.throwsAsync(client.names.bind(n("y"), object), {
    instanceOf: TRANSIENT,
    message: /TRANSIENT, minor 0x00000000, COMPLETED_MAYBE/,
  });
});

test("an iterator gives what was bound when it was made, whatever is changed meanwhile", async (t) => {
  await using company = await NamingCompany.start();
  await using a = await clientOf(company.corbaloc(["a"]));
  await using b = await clientOf(company.corbaloc(["b"]));
  const object = await some(a.orb, "x");
  for (let i = 0; i < 10; i++) await a.names.bind(n(`n${i}`), object);
  await b.names.resolve(n("n9"));
  const { bl, bi } = await b.names.list(3);
  await a.names.unbind(n("n7"));
  await a.names.bind(n("late"), object);
  const { bl: rest } = await need(bi).next_n(100);
  const listed = [...bl, ...rest].map(({ binding_name: [component] }) => component?.id);
  t.deepEqual(
    listed.toSorted((a = "", b = "") => (a < b ? -1 : 1)),
    Array.from({ length: 10 }, (_, i) => `n${i}`),
  );
});
