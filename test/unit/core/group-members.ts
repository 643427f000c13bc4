import type { ExecutionContext } from "ava";
import { TestClock } from "../../../orb/base/index.ts";
import { decapsulate } from "../../../orb/cdr/index.ts";
import {
  Assembler,
  codecFor,
  findServiceContext,
  type GiopMessage,
  type RequestHeader,
  SERVICE_ID,
} from "../../../orb/giop/index.ts";
import { MemoryTransport, type ObjectReference, type ORB, ORB_init } from "../../../orb/index.ts";
import {
  heartbeatComponent,
  iiopProfilesOf,
  iorToString,
  objectGroupComponent,
  primaryComponent,
  type TaggedComponent,
  type TaggedProfile,
  writeIiopProfile,
} from "../../../orb/ior/index.ts";
import { Sample } from "../../support/sample.ts";

/** Object groups whose members are scripted or live. */
export const GROUP: { readonly domain: string; readonly id: bigint; readonly version: number } = {
  domain: "test",
  id: 7n,
  version: 3,
};

export interface Member {
  readonly host: string;
  readonly key?: Uint8Array;
  readonly isPrimary?: boolean;
  readonly hasHeartbeat?: boolean;
}

export function profileOf(member: Member, group: TaggedComponent | undefined): TaggedProfile {
  const components = group === undefined ? [] : [group];
  if (member.isPrimary === true) components.push(primaryComponent(true));
  if (member.hasHeartbeat !== undefined) components.push(heartbeatComponent(member.hasHeartbeat));
  const objectKey = member.key ?? Buffer.from("dead");
  return writeIiopProfile({ minor: 2, host: member.host, port: 1, objectKey, components });
}

export function groupIor(
  members: readonly Member[],
  version: number = GROUP.version,
  id: bigint = GROUP.id,
): string {
  const group = objectGroupComponent({ ...GROUP, version, id });
  const profiles = members.map((member) => profileOf(member, group));
  return iorToString({ typeId: "IDL:Sample:1.0", profiles });
}

export interface Told {
  readonly version: number;
  readonly clientId: string;
  readonly retentionId: number;
  readonly expiration: bigint;
}

export function toldBy({ contexts }: RequestHeader): Told {
  const version = findServiceContext(contexts, SERVICE_ID.ftGroupVersion);
  const request = findServiceContext(contexts, SERVICE_ID.ftRequest);
  if (version === undefined || request === undefined) throw new TypeError("a context is missing");
  return {
    version: decapsulate(version.data, (input) => input.ulong()),
    ...decapsulate(request.data, (input) => ({
      clientId: input.string(),
      retentionId: input.long(),
      expiration: input.ulonglong(),
    })),
  };
}

export interface Scene {
  readonly transport: MemoryTransport;
  readonly clock: TestClock;
  readonly client: ORB;
  /** A member that serves. */
  live(
    host: string,
  ): Promise<Required<Pick<Member, "host" | "key">> & { readonly servant: Sample }>;
  /** A member that reads each request and then drops the connection. */
  dying(host: string): Promise<RequestHeader[]>;
  reference(ior: string): Promise<ObjectReference>;
}

export async function scene(t: ExecutionContext): Promise<Scene> {
  const transport = new MemoryTransport();
  const clock = new TestClock(1_000);
  const client = await ORB_init([], { transport, clock, config: { orb: { listen: [] } } });
  t.teardown(() => client.destroy());
  return {
    transport,
    clock,
    client,
    live: async (host) => {
      const server = await ORB_init(["-ORBListenEndpoints", `iiop://${host}:1`], {
        transport,
        clock,
      });
      t.teardown(() => server.destroy());
      const servant = new Sample();
      const reference = await server.rootPOA.activate(servant);
      server.rootPOA.the_POAManager.activate();
      const [profile] = iiopProfilesOf(reference._core.ior);
      return { host, key: profile?.objectKey ?? new Uint8Array(), servant };
    },
    dying: async (host) => {
      const requests: RequestHeader[] = [];
      await transport.listen({ host, port: 1 }, (channel) => {
        const assembler = new Assembler();
        const take = (message: GiopMessage): void => {
          requests.push(codecFor(message.minor).readRequestHeader(message.input));
          channel.destroy();
        };
        channel.start({
          data: (chunk) => assembler.consume(chunk, take),
          drained: () => undefined,
          closed: () => undefined,
        });
      });
      return requests;
    },
    reference: async (ior) => (await client.string_to_object(ior)) as ObjectReference,
  };
}
