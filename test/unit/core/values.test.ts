import test from "ava";
import {
  Any,
  AnyValue,
  BAD_PARAM,
  MemoryTransport,
  MINOR,
  ORB_init,
  tc,
  type ORB,
  type ObjectReference,
  ValueBase,
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
  readonly client: ORB;
  readonly reference: ObjectReference;
}

async function pair(): Promise<Pair> {
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport });
  const local = await server.rootPOA.activate(new Sample());
  server.rootPOA.the_POAManager.activate();
  const reference = await client.string_to_object(server.object_to_string(local));
  if (reference === null) throw new TypeError("the reference cannot be nil");
  const end = async (): Promise<void> => {
    await client.destroy();
    await server.destroy();
  };
  return { client, reference, [Symbol.asyncDispose]: end };
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
