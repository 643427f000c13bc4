import test from "ava";
import {
  Any,
  AnyValue,
  BAD_PARAM,
  INITIALIZE,
  MARSHAL,
  MemoryTransport,
  MINOR,
  ORB_init,
  tc,
  type ORB,
  type ObjectReference,
  type OrbConfig,
  type TypeCode,
  ValueBase,
  ValueBox,
  type ValueDescriptor,
} from "../../../orb/index.ts";
import { callBox, Sample } from "../../support/sample.ts";

class Place extends ValueBase {
  x = 0;
  override get _value(): ValueDescriptor {
    return PLACE;
  }
}

const PLACE: ValueDescriptor = {
  repositoryId: "IDL:M/Place:1.0",
  name: "M::Place",
  base: undefined,
  isTruncatable: false,
  isCustom: false,
  writeState: (out, v: Place) => void out.long(v.x),
  readState: (input, v: Place) => {
    v.x = input.long();
  },
  create: () => new Place(),
};

const PLACE_TYPE = tc.value("IDL:M/Place:1.0", "Place", 0, null, () => [["x", tc.long, 1]]);

interface Pair extends AsyncDisposable {
  readonly server: ORB;
  readonly client: ORB;
  readonly reference: ObjectReference;
}

async function pair(serverOptions: OrbConfig = {}, clientOptions: OrbConfig = {}): Promise<Pair> {
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport, config: { orb: serverOptions } });
  const client = await ORB_init([], { transport, config: { orb: clientOptions } });
  const local = await server.rootPOA.activate(new Sample());
  server.rootPOA.the_POAManager.activate();
  const reference = await client.string_to_object(server.object_to_string(local));
  if (reference === null) throw new TypeError("the reference cannot be nil");
  const end = async (): Promise<void> => {
    await client.destroy();
    await server.destroy();
  };
  return { server, client, reference, [Symbol.asyncDispose]: end };
}

test("a value of a registered type comes back as its class, through a server that does not know it", async (t) => {
  await using joined = await pair();
  const { client, reference } = joined;
  const sent = Object.assign(new Place(), { x: 7 });
  const unknown = await callBox(reference, new Any(PLACE_TYPE, sent));
  t.deepEqual(unknown.value, new AnyValue(PLACE_TYPE, { x: 7 }));
  client.registerValue(PLACE);
  const known = await callBox(reference, new Any(PLACE_TYPE, sent));
  t.true(known.value instanceof Place);
  t.deepEqual(known.value, sent);
  client.unregisterValue(PLACE.repositoryId);
  const again = await callBox(reference, new Any(PLACE_TYPE, sent));
  t.true(again.value instanceof AnyValue);
});

test("a type with operations needs a function that makes instances", async (t) => {
  await using joined = await pair();
  const { client, reference } = joined;
  class Seat extends Place {}
  const bare = { ...PLACE, create: undefined };
  const error = t.throws(() => client.registerValue(bare), { instanceOf: BAD_PARAM });
  t.is(error?.minor, MINOR.valueFactoryProblem);
  client.registerValue(bare, () => new Seat());
  const { value } = await callBox(reference, new Any(PLACE_TYPE, new Place()));
  t.true(value instanceof Seat);
  t.throws(() => client.unregisterValue("IDL:M/Other:1.0"), { instanceOf: BAD_PARAM });
});

test("factories by their OMG names: registered, looked up, replaced and taken back", async (t) => {
  await using joined = await pair();
  const { client, reference } = joined;
  class Seat extends Place {}
  const id = PLACE.repositoryId;
  for (const call of [
    () => client.lookup_value_factory(id),
    () => client.unregister_value_factory(id),
    () => client.register_value_factory(id, () => ({}) as ValueBase),
    () => client.register_value_factory("IDL:M/Other:1.0", () => new Place()),
    () => client.register_value_factory(id, undefined as unknown as () => ValueBase),
  ])
    t.is(t.throws(call, { instanceOf: BAD_PARAM })?.minor, MINOR.valueFactoryProblem);
  const seats = (): ValueBase => new Seat();
  t.is(client.register_value_factory(id, seats), undefined);
  t.is(client.lookup_value_factory(id), seats);
  const { value } = await callBox(reference, new Any(PLACE_TYPE, new Place()));
  t.true(value instanceof Seat);
  t.is(
    client.register_value_factory(id, () => new Place()),
    seats,
  );
  client.unregister_value_factory(id);
  const again = await callBox(reference, new Any(PLACE_TYPE, new Place()));
  t.true(again.value instanceof AnyValue);
});

test("a type without a class is registered by its TypeCode, a box as well", async (t) => {
  await using joined = await pair();
  const { client, reference } = joined;
  const text = tc.value_box("IDL:M/Text:1.0", "Text", tc.string());
  const anything = tc.value("IDL:omg.org/CORBA/ValueBase:1.0", "ValueBase", 0, null, () => []);
  client.registerValue(text);
  client.registerValue(PLACE_TYPE);
  joined.server.registerValue(text);
  joined.server.register_value_factory(PLACE_TYPE.id(), () => new AnyValue(PLACE_TYPE));
  for (const sent of [new ValueBox(text, "boxed"), new AnyValue(PLACE_TYPE, { x: 7 })])
    t.deepEqual((await callBox(reference, new Any(anything, sent))).value, sent);
});

test("maxValues of the ORB bounds what it sends and what it reads", async (t) => {
  const list: TypeCode = tc.value("IDL:M/List:1.0", "List", 0, null, () => [["next", list, 1]]);
  const chain = (length: number): Any => {
    let first: unknown = null;
    for (let i = 0; i < length; i++) first = { next: first };
    return new Any(list, first);
  };
  await using joined = await pair({ maxValues: 10 }, { maxValues: 20 });
  const { reference } = joined;
  t.truthy(await callBox(reference, chain(10)));
  const sending = await t.throwsAsync(callBox(reference, chain(21)), { instanceOf: MARSHAL });
  t.is(sending?.minor, MINOR.tooManyValues);
  const reading = await t.throwsAsync(callBox(reference, chain(11)), { instanceOf: MARSHAL });
  t.is(reading?.minor, MINOR.tooManyValues);
  const wrong = ORB_init([], { config: { orb: { maxValues: 0 } } });
  const error = await t.throwsAsync(wrong, { instanceOf: INITIALIZE });
  t.regex(error?.message ?? "", /maxValues/);
});
