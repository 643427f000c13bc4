import test from "ava";
import {
  _request,
  Any,
  ARG_IN,
  ARG_INOUT,
  ARG_OUT,
  BAD_PARAM,
  BAD_TYPECODE,
  dynamicCall,
  DynamicImplementation,
  MINOR,
  NVList,
  type ServerRequest,
  tc,
  UnknownUserException,
} from "../../../orb/index.ts";
import { Desk, orbPair, REFUSED } from "./support.ts";

test("dynamicCall gives what a stub would give", async (t) => {
  const { server, client, far } = await orbPair(t);
  const servant = new Desk();
  const desk = await far(await server.rootPOA.activate(servant));
  const text = tc.string();
  t.is(await dynamicCall(desk, "echo", { args: [[text, "x"]], result: text }), "x");
  t.deepEqual(
    await dynamicCall(desk, "swap", {
      args: [
        { inout: "a", type: tc.long, value: 5 },
        { out: "text", type: text },
      ],
      result: tc.long,
    }),
    { result: -5, a: 6, text: "was 5" },
  );
  t.deepEqual(
    await dynamicCall(desk, "swap", {
      args: [
        { inout: "a", type: tc.long, value: 5 },
        { out: "result", type: text },
      ],
      result: tc.long,
    }),
    { $result: -5, a: 6, result: "was 5" },
  );
  const call = dynamicCall(desk, "refuse", { args: [[text, "no"]], raises: [REFUSED] });
  const refused = await t.throwsAsync(call, { instanceOf: UnknownUserException });
  t.deepEqual(refused?.exception.value, { why: "no" });
  const context = client.get_default_context();
  context.set_one_value("role", "guard");
  const who = { context: { names: ["role"], from: context }, result: text };
  t.is(await dynamicCall(desk, "who", who), "role=guard");
  const noted = new Promise<void>((resolve) => {
    servant.onNote = resolve;
  });
  t.is(await dynamicCall(desk, "note", { args: [[text, "n"]], oneway: true }), undefined);
  await noted;
  const wrong = dynamicCall(desk, "note", { oneway: true, result: text });
  t.is((await t.throwsAsync(wrong, { instanceOf: BAD_PARAM }))?.minor, MINOR.onewayWithResult);
});

test("what is wrong with an argument is said with its place, before anything is sent", async (t) => {
  const { server, far } = await orbPair(t);
  const servant = new Desk();
  const desk = await far(await server.rootPOA.activate(servant));
  const messageOf = async (call: Promise<unknown>): Promise<string | undefined> =>
    (await t.throwsAsync(call))?.message;
  t.is(
    await messageOf(dynamicCall(desk, "echo", { args: [[tc.string(), 7]] })),
    "echo: argument 1 of 1: string is a string, not number",
  );
  const point = tc.struct("IDL:Point:1.0", "Point", () => [["x", tc.octet]]);
  t.is(
    await messageOf(
      dynamicCall(desk, "swap", {
        args: [
          { inout: "a", type: tc.long, value: 1 },
          { inout: "at", type: point, value: { x: 256 } },
        ],
      }),
    ),
    "swap: argument 2 of 2 (at): value.x: 256 is no octet (0 to 255)",
  );
  const noType = "long" as unknown as typeof tc.long;
  t.is(
    await messageOf(dynamicCall(desk, "echo", { args: [[noType, 7]] })),
    "echo: argument 1 of 1: a TypeCode is needed, such as tc.long, not string",
  );
  await t.throwsAsync(dynamicCall(desk, "echo", { raises: [tc.long] }), {
    instanceOf: BAD_TYPECODE,
  });
  const noAny = { x: 1 } as unknown as Any;
  t.is(
    t.throws(() => _request(desk, "echo").add_in_arg(noAny, "text"))?.message,
    "argument text: an Any is needed, new Any(type, value), not object",
  );
});

test("create_operation_list asks an OperationDef for its parameters", async (t) => {
  const { server, client, far } = await orbPair(t);
  const mode = tc.enum("IDL:omg.org/CORBA/ParameterMode:1.0", "ParameterMode", [
    "PARAM_IN",
    "PARAM_OUT",
    "PARAM_INOUT",
  ]);
  const description = tc.struct(
    "IDL:omg.org/CORBA/ParameterDescription:1.0",
    "ParameterDescription",
    () => [
      ["name", tc.string()],
      ["type", tc.TypeCode],
      ["type_def", tc.Object],
      ["mode", mode],
    ],
  );
  class OperationDef extends DynamicImplementation {
    override _primary_interface(): string {
      return "IDL:omg.org/CORBA/OperationDef:1.0";
    }
    override invoke(request: ServerRequest): void {
      t.is(request.operation, "_get_params");
      request.arguments(new NVList());
      const params = ["PARAM_IN", "PARAM_OUT", "PARAM_INOUT"].map((m, i) => ({
        name: `p${i}`,
        type: tc.sequence(tc.long, i),
        type_def: null,
        mode: m,
      }));
      request.set_result(new Any(tc.sequence(description), params));
    }
  }
  const def = await far(await server.rootPOA.activate(new OperationDef()));
  const list = await client.create_operation_list(def);
  t.deepEqual(
    Array.from(list, ({ name, flags, value }) => [name, flags, value.type.length(), value.value]),
    [
      ["p0", ARG_IN, 0, undefined],
      ["p1", ARG_OUT, 1, undefined],
      ["p2", ARG_INOUT, 2, undefined],
    ],
  );
});
