import type { ExecutionContext } from "ava";
import {
  Any,
  ARG_IN,
  ARG_INOUT,
  ARG_OUT,
  BAD_OPERATION,
  DynamicImplementation,
  MemoryTransport,
  MINOR,
  NVList,
  type ObjectReference,
  type ORB,
  ORB_init,
  type ServerRequest,
  tc,
  type TypeCode,
} from "../../../orb/index.ts";

export interface Pair {
  readonly server: ORB;
  readonly client: ORB;
  readonly transport: MemoryTransport;
  /** The client's reference of a server's object. */
  readonly far: (own: ObjectReference) => Promise<ObjectReference>;
}

export async function orbPair(t: ExecutionContext): Promise<Pair> {
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport });
  server.rootPOA.the_POAManager.activate();
  t.teardown(async () => {
    await client.destroy();
    await server.destroy();
  });
  const far = async (own: ObjectReference): Promise<ObjectReference> => {
    const there = await client.string_to_object(server.object_to_string(own));
    if (there === null) throw new TypeError("nil");
    return there;
  };
  return { server, client, transport, far };
}

export const REFUSED: TypeCode = tc.exception("IDL:Sample/Refused:1.0", "Refused", () => [
  ["why", tc.string()],
]);

export const DESK_ID = "IDL:Desk:1.0";

/**
 * Serves by hand `interface Desk { string echo(in string text); long swap(inout long a, out string text);
 * void refuse(in string why) raises (Refused); oneway void note(in string text); string who() context("user*", "role");
 * attribute double level; };`
 */
export class Desk extends DynamicImplementation {
  readonly notes: string[] = [];
  onNote: (() => void) | undefined;
  level = 0.5;

  override _primary_interface(): string {
    return DESK_ID;
  }

  override invoke(request: ServerRequest): void | Promise<void> {
    const list = new NVList();
    switch (request.operation) {
      case "echo": {
        const text = list.add_type("text", tc.string(), ARG_IN);
        request.arguments(list);
        request.set_result(text.value);
        return;
      }
      case "swap": {
        const a = list.add_type("a", tc.long, ARG_INOUT);
        const text = list.add_type("text", tc.string(), ARG_OUT);
        request.arguments(list);
        const was = a.value.value as number;
        a.value = new Any(tc.long, was + 1);
        text.value = new Any(tc.string(), `was ${was}`);
        request.set_result(new Any(tc.long, -was));
        return;
      }
      case "refuse": {
        const why = list.add_type("why", tc.string(), ARG_IN);
        request.arguments(list);
        request.set_exception(new Any(REFUSED, { why: why.value.value }));
        return;
      }
      case "note": {
        const text = list.add_type("text", tc.string(), ARG_IN);
        request.arguments(list);
        this.notes.push(text.value.value as string);
        this.onNote?.();
        return;
      }
      case "who": {
        request.arguments(list);
        const found = request.ctx()?.get_values("", 0, "*");
        const texts = [...(found ?? [])].map(({ name, value }) => `${name}=${String(value.value)}`);
        request.set_result(new Any(tc.string(), texts.join(" ")));
        return;
      }
      case "_get_level":
        request.arguments(list);
        request.set_result(new Any(tc.double, this.level));
        return;
      case "_set_level": {
        const level = list.add_type("level", tc.double, ARG_IN);
        request.arguments(list);
        this.level = level.value.value as number;
        return;
      }
      default:
        return this.other(request);
    }
  }

  /** What a test adds. */
  other(request: ServerRequest): void | Promise<void> {
    throw new BAD_OPERATION(`no operation ${request.operation}`, MINOR.unknownOperation);
  }
}
