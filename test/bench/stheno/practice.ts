import {
  type CarrierEars,
  openGroupHost,
  openTcpCarrier,
} from "../../../services/group-net/index.ts";
import type { GroupSettings } from "../../../services/group/index.ts";
import { type Group, PlainState } from "../../../services/replication/index.ts";
import { Deadline, systemClock } from "../../../orb/base/index.ts";
import type { Arrival, GatedAdapter, Outcome, Transport } from "../../../orb/index.ts";
import { complete } from "./complete.ts";
import { heardBy } from "./heard-by.ts";

const HOST = "127.0.0.1";
const GROUP = "practice";
/** As many as are measured: of fewer, a follower knows by itself what is certain, and a proposal brings nothing. */
const MEMBERS = 5;
/** Primaries that are lost one after the other. */
const LOSSES = 2;
const CALLS = 3;
const PRACTICE_TIMEOUT_MS = 10_000;

const ARRIVAL: Arrival = {
  adapter: [GROUP],
  objectId: Buffer.from("counter"),
  operation: "increment",
  caller: { connectionId: GROUP, requestId: 2 },
  encoding: { version: 2, littleEndian: true, charSet: 0x0501_0001, wcharSet: 0x0001_0109 },
  contexts: [],
  body: new Uint8Array(),
  priority: undefined,
  replyExpected: true,
};
const DONE: Outcome = {
  kind: "reply",
  status: "NO_EXCEPTION",
  body: Buffer.alloc(4),
  contexts: [],
};

/** Nobody is given references. */
const ADAPTER: GatedAdapter = {
  path: [GROUP],
  reference: () => {
    throw new TypeError("nobody practises references");
  },
  profiles: () => [],
};

/** A host with its one replica. */
interface Player {
  readonly group: Group;
  /** Its connections break, as if its process were gone. */
  lose(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Plays fail-overs in this process, over connections of its own, so many times: that a connection broke, that nobody is
 * there any more, what is said then and the first call of a new primary is code that else runs for the first time when it
 * matters.
 * @throws Error when a group does not go on in time
 */
export async function practise(
  transport: Transport,
  settings: Partial<GroupSettings>,
  times: number,
): Promise<void> {
  for (let time = 0; time < times; time++) await play(transport, settings);
}

async function play(transport: Transport, settings: Partial<GroupSettings>): Promise<void> {
  const carriers = await Promise.all(
    Array.from({ length: MEMBERS }, () => openTcpCarrier({ host: HOST, transport })),
  );
  const addresses = carriers.map(({ address }) => address);
  const players = carriers.map((carrier, i): Player => {
    // Nobody is asked whether it lives: each host would start a thread to answer.
    const tells = heardBy(carrier, () => undefined);
    let ears: CarrierEars | undefined;
    const start = (given: CarrierEars): void => {
      ears = given;
      tells.start(given);
    };
    const heard = { ...tells, start, beat: () => undefined };
    const host = openGroupHost({ carrier: heard, site: `${GROUP}-${i}` });
    const entry = { by: "list", addresses } as const;
    const state = new PlainState(new Map());
    const group = host.join({ group: GROUP, entry, state, settings });
    group.gate.attach(() => DONE, ADAPTER);
    return {
      group,
      lose: async () => {
        await carrier[Symbol.asyncDispose]();
        // Else it would wait for their votes when it leaves.
        for (const address of addresses) ears?.gone(address);
      },
      close: () => host.close(),
    };
  });
  try {
    const signal = AbortSignal.timeout(PRACTICE_TIMEOUT_MS);
    await Promise.all(players.map(({ group }) => group.ready(signal)));
    await Promise.all(players.map(({ group }) => complete(group, MEMBERS, signal)));
    for (let loss = 0; loss < LOSSES; loss++) await loseOne(players.slice(loss), signal);
  } finally {
    await Promise.all(players.map((player) => player.close()));
  }
}

/** The first is the primary, and the second its successor. */
async function loseOne([first, ...left]: readonly Player[], signal: AbortSignal): Promise<void> {
  const [next] = left;
  if (first === undefined || next === undefined) throw new TypeError("nobody is left to practise");
  for (let call = 0; call < CALLS; call++) await ask(first);
  // The others may have it, and are not told that it is certain; who waits for it is refused in the end.
  const last = ask(first).catch(() => undefined);
  await first.lose();
  for (let call = 0; call < CALLS; call++) await ask(next);
  await Promise.all(left.map(({ group }) => complete(group, left.length, signal)));
  await first.close();
  await last;
}

async function ask({ group }: Player): Promise<void> {
  await group.gate.admit(ARRIVAL, Deadline.after(systemClock, PRACTICE_TIMEOUT_MS));
}
