import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import fc from "fast-check";
import { FAIL_OVER, type FailOver, writeFailOver } from "../../../interceptors/mead/gen/Mead.ts";
import { CdrOutput, encapsulate, type GiopMinor } from "../../../orb/cdr/index.ts";
import {
  Assembler,
  beginMessage,
  codecFor,
  type GiopCodec,
  type GiopMessage,
  readMessageHeader,
  RESPONSE,
  type ServiceContext,
} from "../../../orb/giop/index.ts";
import { framesOf } from "../../support/frames.ts";
import { readConnections, readManifest } from "../../support/vectors.ts";

/** The repository, seen from `dist/test/unit/shim`. */
const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const PROBE_ID = 7;
const COMPILE_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 20_000;

const folder = mkdtempSync(join(tmpdir(), "orbweaver-shim-"));
const driver = join(folder, "driver");
const compiler = ["gcc", "cc"].find((name) => spawnSync(name, ["--version"]).status === 0);

test.before(() => {
  if (compiler === undefined) return;
  const shim = join(ROOT, "native/shim");
  const sources = [join(ROOT, "test/unit/shim/driver.c"), join(shim, "giop.c")];
  const flags = ["-std=gnu11", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover"];
  execFileSync(compiler, [...flags, "-I", shim, "-o", driver, ...sources], {
    timeout: COMPILE_TIMEOUT_MS,
  });
});
test.after.always(() => rmSync(folder, { recursive: true }));

const withCompiler = compiler === undefined ? test.skip : test;

type Piece = readonly [direction: "o" | "i", octets: Uint8Array];

interface State {
  readonly isQuiet: boolean;
  readonly isFollowed: boolean;
  readonly isClosed: boolean;
  readonly moves: boolean;
  readonly replicas: string;
  readonly probe: Buffer;
}

function stateAfter(pieces: readonly Piece[]): State {
  const input = pieces.flatMap(([direction, octets]) => {
    const head = Buffer.alloc(5, direction);
    head.writeUInt32LE(octets.length, 1);
    return [head, octets];
  });
  const { status, stdout, stderr } = spawnSync(driver, {
    input: Buffer.concat(input),
    timeout: RUN_TIMEOUT_MS,
  });
  if (status !== 0) throw new Error(stderr.toString());
  const [quiet, followed, closed, moves, replicas = "", probe = ""] = stdout
    .toString()
    .trimEnd()
    .split(" ");
  return {
    isQuiet: quiet === "quiet",
    isFollowed: followed === "followed",
    isClosed: closed === "closed",
    moves: moves === "moves",
    replicas,
    probe: Buffer.from(probe, "hex"),
  };
}

/** Both directions of a recorded connection, message by message in turns. */
function recorded(fromClient: Buffer, fromServer: Buffer): readonly Piece[] {
  const [out, back] = [framesOf(fromClient), framesOf(fromServer)];
  return Array.from({ length: Math.max(out.length, back.length) }, (_, at): readonly Piece[] => [
    ...(out[at] === undefined ? [] : [["o", out[at]] as const]),
    ...(back[at] === undefined ? [] : [["i", back[at]] as const]),
  ]).flat();
}

/** The same octets, cut elsewhere. */
function cut(pieces: readonly Piece[], sizes: readonly number[]): readonly Piece[] {
  let next = 0;
  return pieces.flatMap(([direction, octets]) => {
    const parts: Piece[] = [];
    for (let at = 0; at < octets.length; ) {
      const size = sizes[next++ % sizes.length] ?? 1;
      parts.push([direction, octets.subarray(at, at + size)]);
      at += size;
    }
    return parts;
  });
}

const conversations = readManifest().captures.flatMap((capture) =>
  readConnections(capture)
    .filter(({ fromClient, fromServer }) => fromClient.length > 0 && fromServer.length > 0)
    .map(({ fromClient, fromServer }) => ({
      title: `${capture.file} of ${capture.client}`,
      pieces: recorded(fromClient, fromServer),
    })),
);

withCompiler("every recorded connection of omniORB and TAO is followed to its end", (t) => {
  t.true(conversations.length > 10);
  for (const { title, pieces } of conversations) {
    const { isQuiet, isFollowed, replicas } = stateAfter(pieces);
    t.deepEqual(
      { isQuiet, isFollowed, replicas },
      { isQuiet: true, isFollowed: true, replicas: "" },
      title,
    );
  }
});

withCompiler("before the last reply no recorded connection is quiet", (t) => {
  for (const { title, pieces } of conversations) {
    const last = pieces.findLastIndex(([, octets]) => octets[7] === 1);
    if (last < 0) continue;
    t.false(stateAfter(pieces.toSpliced(last, 1)).isQuiet, title);
  }
});

withCompiler("it does not matter how the octets are cut", (t) => {
  const some = fc.record({
    of: fc.constantFrom(...conversations),
    sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
  });
  fc.assert(
    fc.property(some, ({ of, sizes }) => {
      t.deepEqual(stateAfter(cut(of.pieces, sizes)), stateAfter(of.pieces));
    }),
    { numRuns: 10 },
  );
});

withCompiler("changed octets, and octets of anything, never break it", (t) => {
  const changed = fc
    .record({
      of: fc.constantFrom(...conversations),
      at: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 20,
      }),
    })
    .map(({ of, at }) => {
      const pieces = of.pieces.map(
        ([direction, octets]) => [direction, Buffer.from(octets)] as const,
      );
      for (const [piece, place, octet] of at) {
        const [, octets] = pieces[piece % pieces.length] ?? [];
        if (octets !== undefined) octets[place % octets.length] = octet;
      }
      return pieces;
    });
  const any = fc.array(
    fc.tuple(fc.constantFrom("o" as const, "i" as const), fc.uint8Array({ maxLength: 200 })),
  );
  fc.assert(
    fc.property(fc.oneof(changed, any), (pieces) => {
      t.is(typeof stateAfter(pieces).isQuiet, "boolean");
    }),
    { numRuns: 30 },
  );
});

interface Made {
  readonly minor: GiopMinor;
  readonly littleEndian: boolean;
}

function message(
  { minor, littleEndian }: Made,
  type: "Request" | "Reply",
  write: (out: CdrOutput, codec: GiopCodec) => void,
): Uint8Array {
  const out = new CdrOutput({ littleEndian });
  const codec = codecFor(minor);
  beginMessage(out, type, minor);
  write(out, codec);
  return Uint8Array.from(codec.endBody(out, codec.beginBody(out)));
}

const KEY = Uint8Array.of(1, 2, 3, 4, 5);

function request(of: Made, requestId: number, contexts: readonly ServiceContext[]): Piece {
  const target = { by: "key", objectKey: KEY } as const;
  const header = { requestId, responseFlags: RESPONSE.target, target, operation: "go", contexts };
  return ["o", message(of, "Request", (out, codec) => codec.writeRequestHeader(out, header))];
}

function reply(of: Made, requestId: number, contexts: readonly ServiceContext[]): Piece {
  const header = { requestId, status: "NO_EXCEPTION", contexts } as const;
  return ["i", message(of, "Reply", (out, codec) => codec.writeReplyHeader(out, header))];
}

function failOver({ littleEndian }: Made, value: FailOver): ServiceContext {
  return { id: FAIL_OVER, data: encapsulate((out) => writeFailOver(out, value), { littleEndian }) };
}

const OTHER: ServiceContext = { id: 4711, data: Uint8Array.of(1, 2, 3) };
const CODE_SETS: ServiceContext = {
  id: 1,
  data: Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 9),
};
const REPLICAS = [
  { host: "127.0.0.1", port_number: 4711 },
  { host: "::1", port_number: 65_535 },
];

for (const minor of [0, 1, 2] as const)
  for (const littleEndian of [true, false]) {
    const of: Made = { minor, littleEndian };
    const title = `GIOP 1.${minor}, ${littleEndian ? "little" : "big"}-endian`;

    withCompiler(`a fail-over message is found among other contexts: ${title}`, (t) => {
      const tells = failOver(of, { moves: true, replicas: REPLICAS });
      const pieces = [request(of, 4, [CODE_SETS]), reply(of, 4, [OTHER, tells, OTHER])];
      const { isQuiet, moves, replicas } = stateAfter(pieces);
      t.deepEqual(
        { isQuiet, moves, replicas },
        { isQuiet: true, moves: true, replicas: "127.0.0.1:4711,::1:65535" },
      );
    });

    withCompiler(`the probe says the code sets again: ${title}`, (t) => {
      const { probe } = stateAfter([request(of, 4, [OTHER, CODE_SETS]), reply(of, 4, [])]);
      const seen: GiopMessage[] = [];
      new Assembler().consume(probe, (one) => seen.push(one));
      const [first] = seen;
      if (first === undefined) return t.fail("no message");
      const header = readMessageHeader(first);
      t.like(header, { type: "Request", requestId: PROBE_ID, operation: "_non_existent" });
      if (header.type !== "Request") return;
      t.deepEqual(
        header.contexts.map(({ id, data }) => [id, [...data]]),
        [[CODE_SETS.id, [...CODE_SETS.data]]],
      );
      t.deepEqual(header.target.by === "key" ? [...header.target.objectKey] : [], [...KEY]);
      t.not(header.responseFlags, 0);
    });
  }

const OF: Made = { minor: 2, littleEndian: true };

const WRONG: Readonly<Record<string, ServiceContext>> = {
  "cut off": {
    id: FAIL_OVER,
    data: failOver(OF, { moves: true, replicas: REPLICAS }).data.subarray(0, 21),
  },
  empty: { id: FAIL_OVER, data: new Uint8Array() },
  "with a host that is too long": failOver(OF, {
    moves: true,
    replicas: [{ host: "1".repeat(64), port_number: 1 }],
  }),
};

for (const [what, context] of Object.entries(WRONG))
  withCompiler(`a fail-over message that is ${what} changes nothing`, (t) => {
    const before = failOver(OF, { moves: false, replicas: REPLICAS.slice(0, 1) });
    const pieces = [
      request(OF, 2, []),
      reply(OF, 2, [before]),
      request(OF, 4, []),
      reply(OF, 4, [context]),
    ];
    const { isFollowed, moves, replicas } = stateAfter(pieces);
    t.deepEqual(
      { isFollowed, moves, replicas },
      { isFollowed: true, moves: false, replicas: "127.0.0.1:4711" },
    );
  });

withCompiler("a fail-over message without replicas moves nothing", (t) => {
  const none = failOver(OF, { moves: true, replicas: [] });
  t.false(stateAfter([request(OF, 2, []), reply(OF, 2, [none])]).moves);
});

withCompiler("what is no GIOP is left alone", (t) => {
  t.false(stateAfter([["o", Buffer.from("GET / HTTP/1.1\r\n\r\n")]]).isFollowed);
});

withCompiler("a server that closes has closed", (t) => {
  t.true(
    stateAfter([["i", Buffer.from("47494f50010201050000000000", "hex").subarray(0, 12)]]).isClosed,
  );
});
