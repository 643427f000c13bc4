import test from "ava";
import fc from "fast-check";
import { writeValue } from "../../../orb/any/index.ts";
import { CdrOutput, CodeSet } from "../../../orb/cdr/index.ts";
import {
  Any,
  ARG_IN,
  BAD_INV_ORDER,
  BAD_OPERATION,
  BAD_PARAM,
  Completion,
  type CreatePoaOptions,
  DATA_CONVERSION,
  dynamicCall,
  MARSHAL,
  MINOR,
  NO_PERMISSION,
  NVList,
  type ObjectReference,
  ObjectId_to_string,
  type POA,
  type ServerRequest,
  SystemException,
  tc,
  type TypeCode,
  UNKNOWN,
  UnknownUserException,
} from "../../../orb/index.ts";
import { ObjectContext } from "../../../orb/object/index.ts";
import { Refused, sample } from "../../support/sample.ts";
import { typed } from "../any/arbitrary.ts";
import { Desk, DESK_ID, orbPair, REFUSED } from "./support.ts";

const CODE_SETS = { charSet: CodeSet.utf8, wcharSet: CodeSet.utf16, giopMinor: 2 } as const;

/** A value as it travels: two values are the same when these are. */
function octetsOf(type: TypeCode, value: unknown): Uint8Array {
  const out = new CdrOutput({ ...CODE_SETS, context: new ObjectContext() });
  writeValue(out, type, value);
  return out.finish();
}

/** A char beyond ASCII cannot be sent in UTF-8. */
function isInUtf8(type: TypeCode, value: unknown): boolean {
  try {
    octetsOf(type, value);
    return true;
  } catch (thrown) {
    if (thrown instanceof DATA_CONVERSION) return false;
    throw thrown;
  }
}

/** A desk whose operation `try` is what a test wants. */
class TryingDesk extends Desk {
  readonly #attempt: (request: ServerRequest) => void | Promise<void>;

  constructor(attempt: (request: ServerRequest) => void | Promise<void>) {
    super();
    this.#attempt = attempt;
  }

  override other(request: ServerRequest): void | Promise<void> {
    return this.#attempt(request);
  }
}

/** Minor codes of what three calls raise inside a servant. */
function minorsOf(...calls: readonly (() => void)[]): readonly number[] {
  return calls.map((call) => {
    try {
      call();
    } catch (thrown) {
      if (thrown instanceof SystemException) return thrown.minor;
      throw thrown;
    }
    return 0;
  });
}

test("a dynamic servant answers stubs: results, attributes, oneways, user exceptions", async (t) => {
  const { server, far } = await orbPair(t);
  const servant = new Desk();
  const own = await server.rootPOA.activate(servant);
  for (const target of [own, await far(own)]) {
    t.is(await sample.echo(target, "text"), "text");
    await t.throwsAsync(sample.refuse(target, "late"), { instanceOf: Refused, message: /late/ });
    t.is(await dynamicCall(target, "_get_level", { result: tc.double }), 0.5);
    await dynamicCall(target, "_set_level", { args: [[tc.double, 0.75]] });
    t.is(servant.level, 0.75);
    servant.level = 0.5;
    const unknown = await t.throwsAsync(dynamicCall(target, "none"), { instanceOf: BAD_OPERATION });
    t.is(unknown?.minor, MINOR.unknownOperation);
  }
});

test("the ORB answers the implicit operations by _primary_interface", async (t) => {
  const { server, far } = await orbPair(t);
  const own = await server.rootPOA.activate(new Desk());
  t.is(own._core.ior.typeId, DESK_ID);
  const target = await far(own);
  t.true(
    await dynamicCall(target, "_is_a", { args: [[tc.string(), DESK_ID]], result: tc.boolean }),
  );
  t.true(await target._is_a("IDL:omg.org/CORBA/Object:1.0"));
  t.false(await target._is_a("IDL:Other:1.0"));
  t.is(await target._repository_id(), DESK_ID);
  t.false(await target._non_existent());
  t.is(await target._get_component(), null);
});

test("one dynamic default servant serves objects of many interfaces", async (t) => {
  const { server, far } = await orbPair(t);
  class Gateway extends Desk {
    override _primary_interface(objectId?: Uint8Array): string {
      return `IDL:Gate/${ObjectId_to_string(objectId ?? new Uint8Array())}:1.0`;
    }
    override other(request: ServerRequest): void {
      request.arguments(new NVList());
      const id = ObjectId_to_string(server.poaCurrent.get_object_id());
      request.set_result(new Any(tc.string(), id));
    }
  }
  t.truthy(server.poaCurrent);
  const poa = await server.rootPOA.createPoa("gates", {
    idAssignment: "USER_ID",
    idUniqueness: "MULTIPLE_ID",
    lifespan: "PERSISTENT",
    servantRetention: "RETAIN",
    requestProcessing: "USE_DEFAULT_SERVANT",
    thread: "SINGLE_THREAD_MODEL",
  });
  poa.set_servant(new Gateway());
  for (const name of ["north", "south"]) {
    const id = Buffer.from(name);
    const target = await far(poa.create_reference_with_id(id, "IDL:Gate/Any:1.0"));
    t.is(await dynamicCall(target, "where", { result: tc.string() }), name);
    t.is(await target._repository_id(), `IDL:Gate/${name}:1.0`);
    t.true(await target._is_a(`IDL:Gate/${name}:1.0`));
  }
});

test("a dynamic servant beneath every kind of POA", async (t) => {
  const { server, far } = await orbPair(t);
  const desk = new Desk();
  const put: Readonly<Record<string, readonly [CreatePoaOptions, (poa: POA) => unknown]>> = {
    "active object map": [{}, (poa) => poa.activate_object_with_id(Buffer.from("desk"), desk)],
    "main thread": [
      { thread: "MAIN_THREAD_MODEL" },
      (poa) => poa.activate_object_with_id(Buffer.from("desk"), desk),
    ],
    "default servant, nothing retained": [
      {
        servantRetention: "NON_RETAIN",
        requestProcessing: "USE_DEFAULT_SERVANT",
        idUniqueness: "MULTIPLE_ID",
      },
      (poa) => poa.set_servant(desk),
    ],
    "servant activator": [
      { requestProcessing: "USE_SERVANT_MANAGER" },
      (poa) => poa.set_servant_manager({ incarnate: () => desk, etherealize: () => undefined }),
    ],
    "servant locator": [
      { requestProcessing: "USE_SERVANT_MANAGER", servantRetention: "NON_RETAIN" },
      (poa) =>
        poa.set_servant_manager({
          preinvoke: () => ({ result: desk, the_cookie: 7 }),
          postinvoke: () => undefined,
        }),
    ],
  };
  for (const [name, [policies, prepare]] of Object.entries(put)) {
    const poa = await server.rootPOA.createPoa(name, { idAssignment: "USER_ID", ...policies });
    prepare(poa);
    const target = await far(poa.create_reference_with_id(Buffer.from("desk"), DESK_ID));
    t.is(await sample.echo(target, name), name);
    t.is(await target._repository_id(), DESK_ID, name);
    t.false(await target._non_existent(), name);
  }
});

test("any type travels as argument and result between dynamic call and dynamic servant", async (t) => {
  const { server, far } = await orbPair(t);
  let expected: TypeCode = tc.long;
  class Mirror extends Desk {
    override other(request: ServerRequest): void {
      const list = new NVList();
      const v = list.add_type("v", expected, ARG_IN);
      request.arguments(list);
      request.set_result(v.value);
    }
  }
  const target = await far(await server.rootPOA.activate(new Mirror()));
  await fc.assert(
    fc.asyncProperty(
      typed.chain(({ type, value }) => value.map((v) => ({ type, v }))),
      async ({ type, v }) => {
        fc.pre(isInUtf8(type, v));
        expected = type;
        const back = await dynamicCall(target, "reflect", { args: [[type, v]], result: type });
        t.deepEqual(octetsOf(type, back), octetsOf(type, v));
      },
    ),
    { numRuns: 200 },
  );
});

/** Calls `try` on a servant that does as it is told. */
async function trying(
  far: (own: ObjectReference) => Promise<ObjectReference>,
  activate: (servant: Desk) => Promise<ObjectReference>,
  attempt: (request: ServerRequest) => void | Promise<void>,
): Promise<ObjectReference> {
  return await far(await activate(new TryingDesk(attempt)));
}

test("order: BAD_INV_ORDER 7 for arguments, 8 for ctx, 9 for set_result", async (t) => {
  const { server, far } = await orbPair(t);
  const activate = (servant: Desk): Promise<ObjectReference> => server.rootPOA.activate(servant);
  const nothing = new Any(tc.void, undefined);
  const seen: (readonly number[])[] = [];
  const target = await trying(far, activate, (request) => {
    const args = (): void => request.arguments(new NVList());
    const ctx = (): void => void request.ctx();
    const result = (): void => request.set_result(nothing);
    seen.push(minorsOf(ctx, result, args, args, ctx, ctx, result, result, ctx, args));
  });
  await dynamicCall(target, "try");
  t.deepEqual(seen, [
    [
      MINOR.serverRequestContextOutOfOrder,
      MINOR.serverRequestResultOutOfOrder,
      0,
      MINOR.serverRequestArgumentsOutOfOrder,
      0,
      MINOR.serverRequestContextOutOfOrder,
      0,
      MINOR.serverRequestResultOutOfOrder,
      MINOR.serverRequestContextOutOfOrder,
      MINOR.serverRequestArgumentsOutOfOrder,
    ],
  ]);
  const afterException: (readonly number[])[] = [];
  const refusing = await trying(far, activate, (request) => {
    request.set_exception(new NO_PERMISSION("not today"));
    afterException.push(
      minorsOf(
        () => request.arguments(new NVList()),
        () => void request.ctx(),
        () => request.set_result(nothing),
      ),
    );
  });
  await t.throwsAsync(dynamicCall(refusing, "try"), { instanceOf: NO_PERMISSION });
  t.deepEqual(afterException, [
    [
      MINOR.serverRequestArgumentsOutOfOrder,
      MINOR.serverRequestContextOutOfOrder,
      MINOR.serverRequestResultOutOfOrder,
    ],
  ]);
  const silent = await trying(far, activate, () => undefined);
  const thrown = await t.throwsAsync(dynamicCall(silent, "try"), { instanceOf: BAD_INV_ORDER });
  t.is(thrown?.minor, MINOR.serverRequestArgumentsOutOfOrder);
});

test("set_exception: system exceptions in anys, BAD_PARAM 21 for no exception, 22 for an unlisted one", async (t) => {
  const { server, far } = await orbPair(t);
  const activate = (servant: Desk): Promise<ObjectReference> => server.rootPOA.activate(servant);
  const noPermission = tc.exception("IDL:omg.org/CORBA/NO_PERMISSION:1.0", "NO_PERMISSION", () => [
    ["minor", tc.ulong],
    ["completed", tc.enum("IDL:omg.org/CORBA/completion_status:1.0", "completion_status", [])],
  ]);
  const system = await trying(far, activate, (request) =>
    request.set_exception(new Any(noPermission, { minor: 17, completed: Completion.yes })),
  );
  const denied = await t.throwsAsync(dynamicCall(system, "try"), { instanceOf: NO_PERMISSION });
  t.is(denied?.minor, 17);
  t.is(denied?.completed, Completion.yes);
  const noException = await trying(far, activate, (request) =>
    request.set_exception(new Any(tc.long, 1)),
  );
  const is21 = await t.throwsAsync(dynamicCall(noException, "try"), { instanceOf: BAD_PARAM });
  t.is(is21?.minor, MINOR.notAnException);
  const unlisted = await trying(far, activate, (request) => {
    request.exceptions.add(tc.exception("IDL:Other:1.0", "Other", () => []));
    request.set_exception(new Any(REFUSED, { why: "x" }));
  });
  const is22 = await t.throwsAsync(dynamicCall(unlisted, "try", { raises: [REFUSED] }), {
    instanceOf: BAD_PARAM,
  });
  t.is(is22?.minor, MINOR.unlistedExceptionSet);
});

test("MARSHAL 2 where the context was not read, 3 where the list leaves parameters unread", async (t) => {
  const { server, client, far } = await orbPair(t);
  const activate = (servant: Desk): Promise<ObjectReference> => server.rootPOA.activate(servant);
  const inside: (readonly number[])[] = [];
  const target = await trying(far, activate, (request) => {
    request.arguments(new NVList());
    inside.push(minorsOf(() => request.set_result(new Any(tc.void, undefined))));
  });
  const context = client.get_default_context();
  context.set_one_value("user", "ada");
  const from = { names: ["user"], from: context };
  const unread = await t.throwsAsync(dynamicCall(target, "try", { context: from }), {
    instanceOf: MARSHAL,
  });
  t.is(unread?.minor, MINOR.serverRequestContextNotRead);
  const missing = await t.throwsAsync(dynamicCall(target, "try", { args: [[tc.double, 1.5]] }), {
    instanceOf: MARSHAL,
  });
  t.is(missing?.minor, MINOR.serverRequestParametersMissing);
  t.deepEqual(inside, [
    [MINOR.serverRequestContextNotRead],
    [MINOR.serverRequestParametersMissing],
  ]);
});

test("what invoke throws, at once and later, goes to the client", async (t) => {
  const { server, far } = await orbPair(t);
  const activate = (servant: Desk): Promise<ObjectReference> => server.rootPOA.activate(servant);
  const list = (): NVList => {
    const parameters = new NVList();
    parameters.add_type("why", tc.string(), ARG_IN);
    return parameters;
  };
  const attempts: readonly ((request: ServerRequest) => void | Promise<void>)[] = [
    (request) => {
      request.arguments(list());
      throw new UnknownUserException(new Any(REFUSED, { why: "carried" }));
    },
    async (request) => {
      request.arguments(list());
      await Promise.resolve();
      throw new UnknownUserException(new Any(REFUSED, { why: "carried" }));
    },
    (request) => {
      request.exceptions.add(REFUSED);
      request.arguments(list());
      throw new Refused({ why: "carried" });
    },
  ];
  for (const attempt of attempts) {
    const target = await trying(far, activate, attempt);
    const call = dynamicCall(target, "try", { args: [[tc.string(), "x"]], raises: [REFUSED] });
    const thrown = await t.throwsAsync(call, { instanceOf: UnknownUserException });
    t.deepEqual(thrown?.exception.value, { why: "carried" });
  }
  const crashing = await trying(far, activate, () => {
    throw new TypeError("the servant's own mistake");
  });
  await t.throwsAsync(dynamicCall(crashing, "try"), { instanceOf: UNKNOWN });
});

test("a result that does not fit its type is BAD_PARAM, arguments that do not are MARSHAL", async (t) => {
  const { server, far } = await orbPair(t);
  const activate = (servant: Desk): Promise<ObjectReference> => server.rootPOA.activate(servant);
  const wrong = await trying(far, activate, (request) => {
    request.arguments(new NVList());
    request.set_result(new Any(tc.long, "text"));
  });
  await t.throwsAsync(dynamicCall(wrong, "try"), { instanceOf: BAD_PARAM });
  const greedy = await trying(far, activate, (request) => {
    const list = new NVList();
    list.add_type("text", tc.string(), ARG_IN);
    request.arguments(list);
  });
  const short = await t.throwsAsync(dynamicCall(greedy, "try"), { instanceOf: MARSHAL });
  t.is(short?.completed, Completion.no);
});
