import test from "ava";
import { type ORBInitInfo, portable, ProcessingModePolicy } from "../../../interceptors/index.ts";
import { CORBA, PortableInterceptor } from "../../../idl/index.ts";
import {
  Any,
  BAD_INV_ORDER,
  BAD_PARAM,
  InvalidName,
  INV_POLICY,
  MemoryTransport,
  MINOR,
  OBJECT_NOT_EXIST,
  type ObjectReference,
  ORB_init,
  type Policy,
  PolicyError,
  tc,
} from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { clientWatch, serverWatch, watchedOrb, watchedPair } from "./support.ts";

const transport = (): MemoryTransport => new MemoryTransport();

test("pre_init of all, then post_init of all, in order; the arguments and the name are told", async (t) => {
  const log: string[] = [];
  const initializer = (name: string) => ({
    pre_init: (info: ORBInitInfo) => {
      log.push(`${name} pre ${info.orb_id} ${info.arguments.join(" ")}`);
    },
    post_init: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`${name} post`);
    },
  });
  await using orb = await ORB_init(["-ORBid", "init test", "-x"], {
    transport: transport(),
    initializers: portable([initializer("A"), initializer("B"), {}]),
  });
  t.is(orb.id, "init test");
  const said = "init test -ORBid init test -x";
  t.deepEqual(log, [`A pre ${said}`, `B pre ${said}`, "A post", "B post"]);
});

test("what an initializer throws is what ORB_init throws, and nothing is left open", async (t) => {
  const over = transport();
  const problem = new TypeError("no");
  for (const point of ["pre_init", "post_init"] as const) {
    const initializer = {
      [point]: () => {
        throw problem;
      },
    };
    const args = ["-ORBListenEndpoints", "iiop://127.0.0.1:7001"];
    const options = { transport: over, initializers: portable([initializer]) };
    t.is(await t.throwsAsync(ORB_init(args, options)), problem);
    // The address is free again.
    await using orb = await ORB_init(args, { transport: over });
    t.is(orb.endpoints[0]?.port, 7001);
  }
});

test("references are registered in pre_init and resolved in post_init, not before", async (t) => {
  await using other = await ORB_init([], { transport: transport() });
  const reference = await other.rootPOA.activate(new Sample());
  const seen: unknown[] = [];
  const orb = await watchedOrb(t, transport(), {
    pre: (info) => {
      info.register_initial_reference("Sample", reference);
      const { InvalidName: Taken } = PortableInterceptor.ORBInitInfo;
      for (const id of ["Sample", "", "RootPOA", "PICurrent"])
        t.throws(() => info.register_initial_reference(id, reference), { instanceOf: Taken }, id);
      const nil = null as unknown as ObjectReference;
      const error = t.throws(() => info.register_initial_reference("Nil", nil), {
        instanceOf: BAD_PARAM,
      });
      t.is(error?.minor, MINOR.nilInitialReference);
      seen.push(
        t.throwsAsync(info.resolve_initial_references("Sample"), { name: "BAD_INV_ORDER" }),
      );
    },
    post: async (info) => {
      t.is(await info.resolve_initial_references("Sample"), reference);
      await t.throwsAsync(info.resolve_initial_references("Nobody"), {
        instanceOf: PortableInterceptor.ORBInitInfo.InvalidName,
      });
      seen.push("post");
    },
  });
  await Promise.all(seen);
  t.is(seen.length, 2);
  t.is(await orb.resolve_initial_references("Sample"), reference);
});

test("no two interceptors of a kind have a name; the empty one any number may have", async (t) => {
  await watchedOrb(t, transport(), {
    pre: (info) => {
      const adds = [
        (name: string) => info.add_client_request_interceptor({ name }),
        (name: string) => info.add_server_request_interceptor({ name }),
        (name: string) => info.add_ior_interceptor({ name }),
      ];
      for (const add of adds) {
        add("");
        add("");
        add("same");
        const error = t.throws(() => add("same"), {
          instanceOf: PortableInterceptor.ORBInitInfo.DuplicateName,
        });
        t.is(error?.name_, "same");
      }
    },
  });
});

test("the info is gone when the ORB is made: OBJECT_NOT_EXIST of every member", async (t) => {
  const infos: ORBInitInfo[] = [];
  const orb = await watchedOrb(t, transport(), { pre: (info) => void infos.push(info) });
  const reference = await orb.rootPOA.activate(new Sample());
  const [info] = infos as [ORBInitInfo];
  const members: (() => unknown)[] = [
    () => info.arguments,
    () => info.orb_id,
    () => info.codec_factory,
    () => info.register_initial_reference("Late", reference),
    () => info.add_client_request_interceptor({ name: "" }),
    () => info.add_server_request_interceptor({ name: "" }),
    () => info.add_ior_interceptor({ name: "" }),
    () => info.add_client_request_interceptor_with_policy({ name: "" }, []),
    () => info.add_server_request_interceptor_with_policy({ name: "" }, []),
    () => info.add_ior_interceptor_with_policy({ name: "" }, []),
    () => info.allocate_slot_id(),
    () => info.register_policy_factory(1_000, { create_policy: () => ({}) as Policy }),
  ];
  for (const member of members) t.throws(member, { instanceOf: OBJECT_NOT_EXIST }, String(member));
  await t.throwsAsync(info.resolve_initial_references("RootPOA"), { instanceOf: OBJECT_NOT_EXIST });
});

test("interceptors hear of the ORB's end, each kind, one that throws too", async (t) => {
  const ends: string[] = [];
  const named = (name: string) => ({
    name,
    destroy: () => {
      ends.push(name);
      throw new Error("in vain");
    },
  });
  const orb = await ORB_init([], {
    transport: transport(),
    initializers: portable([
      {
        pre_init: (info) => {
          info.add_client_request_interceptor(named("client"));
          info.add_server_request_interceptor(named("server"));
          info.add_ior_interceptor(named("ior"));
        },
      },
    ]),
  });
  await orb.shutdown();
  t.deepEqual(ends, []);
  await orb.destroy();
  await orb.destroy();
  t.deepEqual(ends, ["client", "server", "ior"]);
});

test("an interceptor with a processing mode sees calls from within, or those of others", async (t) => {
  const log: string[] = [];
  const modes = { both: 0, remote: 1, local: 2 };
  const pre = (info: ORBInitInfo): void => {
    for (const [name, mode] of Object.entries(modes)) {
      const policies = [new ProcessingModePolicy(mode)];
      const client = clientWatch(name, (point) => void log.push(`${name} ${point}`));
      const server = serverWatch(name, (point) => void log.push(`${name} ${point}`));
      info.add_client_request_interceptor_with_policy(client, policies);
      info.add_server_request_interceptor_with_policy(server, policies);
    }
  };
  const { far, near } = await watchedPair(t, { pre }, { pre });
  const sent = [];
  for (const target of [far, near]) {
    await sample.echo(target, "x");
    const starts = [
      "send_request",
      "receive_request_service_contexts",
      "send_reply",
      "receive_reply",
    ];
    sent.push(log.splice(0).filter((line) => starts.includes(line.split(" ")[1] ?? "")));
  }
  const seen = (other: string): string[] => [
    "both send_request",
    `${other} send_request`,
    "both receive_request_service_contexts",
    `${other} receive_request_service_contexts`,
    `${other} send_reply`,
    "both send_reply",
    `${other} receive_reply`,
    "both receive_reply",
  ];
  t.deepEqual(sent, [seen("remote"), seen("local")]);
});

test("an interceptor takes no other policy, and no mode that does not exist", async (t) => {
  await watchedOrb(t, transport(), {
    pre: (info) => {
      const other = [{ policy_type: 17, value: "TRANSIENT" }];
      const reasons = [
        () => info.add_client_request_interceptor_with_policy({ name: "a" }, other),
        () => info.add_server_request_interceptor_with_policy({ name: "a" }, other),
        () => info.add_ior_interceptor_with_policy({ name: "a" }, other),
        () => new ProcessingModePolicy(3),
      ].map((add) => t.throws(add, { instanceOf: PolicyError })?.reason);
      t.deepEqual(reasons, [
        CORBA.BAD_POLICY,
        CORBA.BAD_POLICY,
        CORBA.BAD_POLICY,
        CORBA.BAD_POLICY_VALUE,
      ]);
    },
  });
});

const COLOUR = 0x4f57_7001;

/** A policy of a type of the program's own. */
const colours = {
  create_policy: (policy_type: number, value: Any): Policy => {
    if (value.value !== "red")
      throw new PolicyError({ reason: CORBA.BAD_POLICY_VALUE }, "red is the only colour");
    return { policy_type, value: value.value };
  },
};

test("a policy factory makes policies for create_policy, create_POA and interceptors", async (t) => {
  const seen: unknown[] = [];
  const orb = await watchedOrb(t, transport(), {
    pre: (info) => {
      info.register_policy_factory(COLOUR, colours);
      const error = t.throws(() => info.register_policy_factory(COLOUR, colours), {
        instanceOf: BAD_INV_ORDER,
      });
      t.is(error?.minor, 0x4f4d_0010);
    },
    servers: [
      serverWatch("S", (_point, ri) => {
        seen.push(ri.get_server_policy(COLOUR)?.value);
        t.is(
          t.throws(() => ri.get_server_policy(999_999), { instanceOf: INV_POLICY })?.minor,
          0x4f4d_0002,
        );
      }),
    ],
    clients: [
      clientWatch("C", (point, ri) => {
        if (point === "send_poll") return;
        t.is(ri.get_request_policy(COLOUR), null);
        t.is(
          t.throws(() => ri.get_request_policy(999_999), { instanceOf: INV_POLICY })?.minor,
          0x4f4d_0002,
        );
      }),
    ],
  });
  const red = orb.create_policy(COLOUR, new Any(tc.string(), "red"));
  t.throws(() => orb.create_policy(COLOUR, new Any(tc.string(), "blue")), {
    instanceOf: PolicyError,
  });
  t.throws(() => orb.create_policy(COLOUR + 1, new Any(tc.string(), "red")), {
    instanceOf: PolicyError,
  });
  const mode = orb.create_policy(61, new Any(tc.short, 2));
  t.is((mode as ProcessingModePolicy).processing_mode, 2);
  const { the_POAManager: manager } = orb.rootPOA;
  manager.activate();
  const plain = await orb.rootPOA.create_POA("plain", manager);
  const coloured = await orb.rootPOA.create_POA("coloured", manager, [red]);
  await sample.echo(await plain.activate(new Sample()), "x");
  t.deepEqual(seen, [undefined, undefined, undefined]);
  seen.length = 0;
  await sample.echo(await coloured.activate(new Sample()), "x");
  t.deepEqual(seen, ["red", "red", "red"]);
});

test("an ORB without initializers has no PICurrent and takes no policy of another type", async (t) => {
  await using orb = await ORB_init([], { transport: transport() });
  await t.throwsAsync(orb.resolve_initial_references("PICurrent"), { instanceOf: InvalidName });
  await t.throwsAsync(orb.rootPOA.create_POA("p", null, [{ policy_type: COLOUR, value: 1 }]), {
    message: /is no POA policy/,
  });
});
