import type { ExecutionContext } from "ava";
import {
  type CompletionStatus,
  type CreatePoaOptions,
  MemoryTransport,
  type ObjectReference,
  type ORB,
  ORB_init,
  type POA,
  string_to_ObjectId,
  type SystemException,
} from "../../../orb/index.ts";

/** A server and a client that reach each other over memory. */
export interface Pair {
  readonly server: ORB;
  readonly client: ORB;
  readonly transport: MemoryTransport;
  /** The reference as the client has it. */
  readonly far: (reference: ObjectReference) => Promise<ObjectReference>;
  /** A child of the RootPOA. */
  readonly poa: (name: string, options?: CreatePoaOptions) => Promise<POA>;
  /** A reference of the client's to an object that need not be active. */
  readonly refer: (poa: POA, id: string) => Promise<ObjectReference>;
}

export async function pair(t: ExecutionContext): Promise<Pair> {
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport });
  server.rootPOA.the_POAManager.activate();
  t.teardown(async () => {
    await client.destroy();
    await server.destroy();
  });
  const far = async (reference: ObjectReference): Promise<ObjectReference> => {
    const there = await client.string_to_object(server.object_to_string(reference));
    if (there === null) throw new TypeError("nil");
    return there;
  };
  return {
    server,
    client,
    transport,
    far,
    poa: (name, options) => server.rootPOA.createPoa(name, options),
    refer: (poa, id) => far(poa.create_reference_with_id(string_to_ObjectId(id), "IDL:Sample:1.0")),
  };
}

export const ACTIVATOR: CreatePoaOptions = {
  idAssignment: "USER_ID",
  requestProcessing: "USE_SERVANT_MANAGER",
};
export const LOCATOR: CreatePoaOptions = { ...ACTIVATOR, servantRetention: "NON_RETAIN" };
export const DEFAULT_SERVANT: CreatePoaOptions = {
  idAssignment: "USER_ID",
  idUniqueness: "MULTIPLE_ID",
  requestProcessing: "USE_DEFAULT_SERVANT",
};

/** The call fails with the system exception, and with that minor code and completion. */
export async function refused(
  t: ExecutionContext,
  call: Promise<unknown>,
  type: abstract new (...args: never[]) => SystemException,
  minor: number,
  completed: CompletionStatus = "COMPLETED_NO",
): Promise<void> {
  const error = await t.throwsAsync(call, { instanceOf: type as never });
  const thrown = error as SystemException | undefined;
  t.is(thrown?.minor.toString(16), minor.toString(16), thrown?.message);
  t.is(thrown?.completed, completed);
}

/** Something to wait for, and to set off. */
export class Signal {
  readonly #promise: Promise<void>;
  #set: () => void = () => undefined;

  constructor() {
    this.#promise = new Promise((resolve) => (this.#set = resolve));
  }

  get given(): Promise<void> {
    return this.#promise;
  }

  give(): void {
    this.#set();
  }
}
