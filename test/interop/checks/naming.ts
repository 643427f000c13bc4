// The same checks of a naming service as in cpp/checks-naming.cc; the service is the ORB's initial reference.
import { CosNaming } from "../../../idl/index.ts";
import { OBJECT_NOT_EXIST, type ObjectReference } from "../../../orb/index.ts";
import * as Interop from "../gen/Interop.ts";
import { type Checks, expect, expectSame, expectThrow, given, type Peer } from "./check.ts";

type Context = CosNaming.NamingContextExt;
type Name = CosNaming.Name;

const { AlreadyBound, InvalidName, NotEmpty, NotFound } = CosNaming.NamingContext;

async function rootContext(peer: Peer): Promise<Context> {
  const reference = await peer.orb.resolve_initial_references("NameService");
  return given(await CosNaming.NamingContextExt.narrow(reference));
}

/** `["a", "b.k"]`: ids and kinds, without any escaping. */
function nameOf(...components: readonly (readonly [id: string, kind: string])[]): Name {
  return components.map(([id, kind]) => ({ id, kind }));
}

/** All bindings, by an iterator where there are many. */
async function bindingsOf(context: CosNaming.NamingContext): Promise<readonly CosNaming.Binding[]> {
  const { bl, bi } = await context.list(10_000);
  await bi?.destroy();
  return bl;
}

async function empty(context: CosNaming.NamingContext): Promise<void> {
  for (const { binding_name, binding_type } of await bindingsOf(context)) {
    const inner =
      binding_type === "ncontext"
        ? await CosNaming.NamingContext.narrow(await context.resolve(binding_name))
        : null;
    if (inner !== null) await empty(inner);
    await context.unbind(binding_name);
    await inner?.destroy();
  }
}

/** A check that works in a context of its own, bound in the root and gone afterwards. */
function within(
  label: string,
  run: (context: Context, peer: Peer) => Promise<void>,
): (peer: Peer) => Promise<void> {
  return async (peer) => {
    const root = await rootContext(peer);
    const name = nameOf([label, "interop-check"]);
    const made = await root.bind_new_context(name);
    const context = given(await CosNaming.NamingContextExt.narrow(made));
    try {
      await run(context, peer);
    } finally {
      await empty(context);
      await root.unbind(name);
      await context.destroy();
    }
  };
}

async function expectNotFound(
  call: () => Promise<unknown>,
  why: CosNaming.NamingContext.NotFoundReason,
  rest: Name,
): Promise<void> {
  const e = await expectThrow(NotFound, call, "NotFound");
  expectSame([e.why, e.rest_of_name], [why, rest], "why and rest_of_name");
}

const isSame = (a: ObjectReference | null, b: ObjectReference): boolean =>
  given(a)._is_equivalent(b);

export const namingChecks: Checks = {
  "naming.root": async (peer) => {
    const root = await rootContext(peer);
    expect(!(await root._non_existent()), "it exists");
    expect(await root._is_a("IDL:omg.org/CosNaming/NamingContext:1.0"), "a NamingContext");
    expect(!(await root._is_a("IDL:omg.org/CosNaming/BindingIterator:1.0")), "no BindingIterator");
  },
  "naming.bind": within("bind", async (context, peer) => {
    const name = nameOf(["root", "object"]);
    await context.bind(name, peer.root);
    const found = given(await Interop.Root.narrow(await context.resolve(name)));
    expectSame(await given(await found._get_of_primitives()).flip_octet(1), 254, "a call");
    await expectThrow(AlreadyBound, () => context.bind(name, peer.root), "bind again");
    for (const other of [nameOf(["root", ""]), nameOf(["", "object"]), nameOf(["Root", "object"])])
      await expectNotFound(() => context.resolve(other), "missing_node", other);
  }),
  "naming.bind.compound": within("compound", async (context, peer) => {
    const inner = given(await context.bind_new_context(nameOf(["a", ""])));
    const whole = nameOf(["a", ""], ["b", "object"]);
    await context.bind(whole, peer.root);
    expect(isSame(await inner.resolve(nameOf(["b", "object"])), peer.root), "in the inner context");
    const root = await rootContext(peer);
    const path = [...nameOf(["compound", "interop-check"]), ...whole];
    expect(isSame(await root.resolve(path), peer.root), "from the root");
  }),
  "naming.rebind": within("rebind", async (context, peer) => {
    const name = nameOf(["x", ""]);
    await context.rebind(name, await peer.root._get_of_references());
    await context.rebind(name, peer.root);
    expect(isSame(await context.resolve(name), peer.root), "bound again");
  }),
  "naming.unbind": within("unbind", async (context, peer) => {
    const name = nameOf(["x", "y"]);
    await context.bind(name, peer.root);
    await context.unbind(name);
    await expectNotFound(() => context.resolve(name), "missing_node", name);
    await expectNotFound(() => context.unbind(name), "missing_node", name);
  }),
  "naming.contexts": within("contexts", async (context) => {
    const made = given(await context.new_context());
    const name = nameOf(["c", "context"]);
    await context.bind_context(name, made);
    await expectThrow(AlreadyBound, () => context.bind_context(name, made), "bind_context again");
    await expectThrow(AlreadyBound, () => context.bind_new_context(name), "bind_new_context again");
    const other = given(await context.new_context());
    await context.rebind_context(name, other);
    expect(isSame(await context.resolve(name), other), "the context bound last");
    await made.destroy();
  }),
  "naming.not_found": within("not_found", async (context, peer) => {
    await context.bind(nameOf(["object", ""]), peer.root);
    const missing = nameOf(["a", "1"], ["b", ""], ["c", ""]);
    await expectNotFound(() => context.resolve(missing), "missing_node", missing);
    const through = nameOf(["object", ""], ["b", ""]);
    await expectNotFound(() => context.resolve(through), "not_context", through);
    await context.bind_new_context(nameOf(["inner", ""]));
    const beneath = nameOf(["inner", ""], ["b", ""], ["c", ""]);
    const rest = nameOf(["b", ""], ["c", ""]);
    await expectNotFound(() => context.bind(beneath, peer.root), "missing_node", rest);
  }),
  "naming.invalid_name": within("invalid_name", async (context, peer) => {
    await expectThrow(InvalidName, () => context.resolve([]), "resolve");
    await expectThrow(InvalidName, () => context.bind([], peer.root), "bind");
    await expectThrow(InvalidName, () => context.unbind([]), "unbind");
    await expectThrow(InvalidName, () => context.bind_new_context([]), "bind_new_context");
    await expectThrow(InvalidName, () => context.to_string([]), "to_string");
  }),
  "naming.destroy": within("destroy", async (context, peer) => {
    const inner = given(await context.bind_new_context(nameOf(["inner", ""])));
    await inner.bind(nameOf(["x", ""]), peer.root);
    await expectThrow(NotEmpty, () => inner.destroy(), "destroy");
    await inner.unbind(nameOf(["x", ""]));
    await context.unbind(nameOf(["inner", ""]));
    await inner.destroy();
    await expectThrow(OBJECT_NOT_EXIST, () => inner.resolve(nameOf(["x", ""])), "a destroyed one");
  }),
  "naming.list": within("list", async (context, peer) => {
    await context.bind(nameOf(["object", "k"]), peer.root);
    await context.bind_new_context(nameOf(["inner", ""]));
    const { bl, bi } = await context.list(10);
    expectSame(bi, null, "no iterator where all was returned");
    const found = bl.map(({ binding_name, binding_type }) => [binding_name, binding_type]);
    const wanted = [
      [nameOf(["inner", ""]), "ncontext"],
      [nameOf(["object", "k"]), "nobject"],
    ];
    const byText = (a: unknown, b: unknown): number =>
      JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
    expectSame(found.toSorted(byText), wanted.toSorted(byText), "bindings");
  }),
  "naming.iterator.next_one": within("next_one", async (context, peer) => {
    for (const id of ["a", "b", "c"]) await context.bind(nameOf([id, ""]), peer.root);
    const { bl, bi } = await context.list(0);
    expectSame(bl, [], "bindings");
    const iterator = given(bi);
    const found: string[] = [];
    let next = await iterator.next_one();
    for (; next.result; next = await iterator.next_one())
      found.push(next.b.binding_name[0]?.id ?? "");
    expectSame(found.toSorted(), ["a", "b", "c"], "each binding once");
    expectSame(next.b.binding_name, [], "the name at the end");
    await iterator.destroy();
    await expectThrow(OBJECT_NOT_EXIST, () => iterator.next_one(), "a destroyed iterator");
  }),
  "naming.iterator.next_n": within("next_n", async (context, peer) => {
    const ids = Array.from({ length: 250 }, (_, i) => `binding ${i}`);
    await Promise.all(ids.map((id) => context.bind(nameOf([id, "k"]), peer.root)));
    const { bl, bi } = await context.list(50);
    expectSame(bl.length, 50, "bindings of list");
    const iterator = given(bi);
    const found = [...bl];
    for (let more = true; more; ) {
      const next = await iterator.next_n(60);
      expect(next.bl.length <= 60, "60 at most");
      found.push(...next.bl);
      more = next.result;
    }
    const foundIds = found.map(({ binding_name: [first] }) => first?.id ?? "");
    expectSame(foundIds.toSorted(), ids.toSorted(), "each binding once");
    await iterator.destroy();
  }),
  "naming.to_string": async (peer) => {
    const root = await rootContext(peer);
    const samples: readonly (readonly [Name, string])[] = [
      [nameOf(["a", ""]), "a"],
      [nameOf(["a", "b"]), "a.b"],
      [nameOf(["", "b"]), ".b"],
      [nameOf(["", ""]), "."],
      [nameOf(["x.y", "z/w"]), "x\\.y.z\\/w"],
      [nameOf(["a\\b", ""]), "a\\\\b"],
      [nameOf(["a", ""], ["", ""], ["c", "d"]), "a/./c.d"],
    ];
    for (const [name, text] of samples) {
      expectSame(await root.to_string(name), text, "to_string");
      expectSame(await root.to_name(text), name, `to_name of ${text}`);
    }
  },
  "naming.to_name.invalid": async (peer) => {
    const root = await rootContext(peer);
    for (const text of ["", "a.", "a.b.c", "a//b", "/a", "a/", "a\\", ".."])
      await expectThrow(InvalidName, () => root.to_name(text), `to_name of ${text}`);
  },
  "naming.to_url": async (peer) => {
    const root = await rootContext(peer);
    const samples = [
      [":host:2809", "a/b c", "corbaname::host:2809#a/b%20c"],
      ["rir:", "a.b", "corbaname:rir:#a.b"],
      ["iiop:h:1/key", "x", "corbaname:iiop:h:1/key#x"],
      [":h", "a%b\\.c", "corbaname::h#a%25b%5c.c"],
    ] as const;
    for (const [address, name, url] of samples)
      expectSame(await root.to_url(address, name), url, "to_url");
    const { InvalidAddress } = CosNaming.NamingContextExt;
    await expectThrow(InvalidAddress, () => root.to_url("", "a"), "no address");
    await expectThrow(InvalidName, () => root.to_url(":h", "a."), "no name");
  },
  "naming.resolve_str": within("resolve_str", async (context, peer) => {
    await context.bind(nameOf(["x.y", "z/w"]), peer.root);
    expect(isSame(await context.resolve_str("x\\.y.z\\/w"), peer.root), "resolved");
    await expectThrow(InvalidName, () => context.resolve_str("a."), "a.");
    await expectNotFound(() => context.resolve_str("m.n"), "missing_node", nameOf(["m", "n"]));
  }),
  "naming.latin1": within("latin1", async (context, peer) => {
    const name = nameOf(["café", "ß"]);
    await context.bind(name, peer.root);
    expect(isSame(await context.resolve(name), peer.root), "resolved");
    expectSame((await bindingsOf(context))[0]?.binding_name, name, "listed");
  }),
  "naming.corbaname": within("corbaname", async (context, peer) => {
    await context.bind(nameOf(["root", "object"]), peer.root);
    const url = "corbaname:rir:#corbaname.interop-check/root.object";
    const found = given(await Interop.Root.narrow(await peer.orb.string_to_object(url)));
    expectSame(await found.named("nobody"), null, "a call");
  }),
};
