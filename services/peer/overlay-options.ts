import type { AttributeValue, Role } from "../overlay/index.ts";
import { host, hostPort, integer, listOf, oneOf, type Options, truth } from "../settings/index.ts";
import { attributes, millis } from "./option-checks.ts";

/** `[overlay]`. */
export interface OverlayTable {
  readonly kind: "p3" | "static" | "none";
  readonly host: string;
  readonly listenHost?: string;
  readonly port: number;
  readonly discoveryPort: number;
  readonly faultTolerancePort: number;
  readonly seeds: readonly string[];
  readonly peers: readonly string[];
  readonly multicast: boolean;
  readonly role: Role;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly span: number;
  readonly superpeers: number;
  readonly leaves: number;
  readonly monitors: number;
  readonly mayFound: boolean;
  readonly heartbeatMs: number;
  readonly suspicionPhi: number;
  readonly leastDeviationMs: number;
  readonly staggerMs: number;
  readonly rebindMs: number;
  readonly seekMs: number;
  readonly graceMs: number;
  readonly stallPatienceMs: number;
  readonly deadlineMs: number;
  readonly cacheMs: number;
  readonly checksHosts: boolean;
}

export const OVERLAY_OPTIONS: Options<OverlayTable> = {
  kind: {
    check: oneOf(["p3", "static", "none"]),
    standard: "p3",
    means: "`p3`: a tree of cells; `static`: a fixed list of a few peers; `none`: this peer alone",
  },
  host: {
    check: host,
    standard: "127.0.0.1",
    means: "where other peers reach this one: a name or an address of this machine",
  },
  listenHost: {
    check: host,
    otherwise: "`host`",
    means: "where it listens, `0.0.0.0` for example",
  },
  port: {
    check: integer(0, 65_535),
    standard: 7_400,
    means: "of membership, which seeds and peers name; 0 takes a free one",
  },
  discoveryPort: {
    check: integer(0, 65_535),
    standard: 7_401,
    means: "p3: of discovery; 0 takes a free one",
  },
  faultTolerancePort: {
    check: integer(0, 65_535),
    standard: 7_402,
    means: "p3: of heartbeats; 0 takes a free one",
  },
  seeds: {
    check: listOf(hostPort),
    standard: [],
    means:
      "p3: peers to ask for the tree; a name stands for all its addresses; the first founds the tree when none answers",
  },
  peers: {
    check: listOf(hostPort),
    standard: [],
    means: "static: all peers, this one among them, in the same order everywhere",
  },
  multicast: {
    check: truth,
    standard: false,
    means: "p3: whether the local network is asked for peers, too",
  },
  role: {
    check: oneOf(["superpeer", "leaf", "monitor"]),
    standard: "superpeer",
    means: "p3: what it is in its cell",
  },
  attributes: {
    check: attributes,
    standard: {},
    means: "what discovery finds it by: resources and the like",
  },
  span: { check: integer(1, 15), unit: "cells", standard: 2, means: "p3: children of a cell" },
  superpeers: { check: integer(1, 1_000), unit: "peers", standard: 2, means: "p3: in a cell" },
  leaves: { check: integer(0, 10_000), unit: "peers", standard: 80, means: "p3: in a cell" },
  monitors: { check: integer(0, 1_000), unit: "peers", standard: 2, means: "p3: in a cell" },
  mayFound: {
    check: truth,
    standard: true,
    means: "p3: whether it founds the tree when no seed answers",
  },
  heartbeatMs: {
    check: integer(10, 60_000),
    unit: "ms",
    standard: 100,
    means: "between two on a link",
  },
  suspicionPhi: {
    check: integer(1, 100),
    standard: 8,
    means: "phi from which a neighbour is taken for dead",
  },
  leastDeviationMs: {
    check: integer(1, 60_000),
    unit: "ms",
    standard: 25,
    means: "of heartbeats, assumed at the least",
  },
  staggerMs: {
    check: millis(1),
    unit: "ms",
    standard: 200,
    means: "p3: each next member waits so much longer before it stands for coordinator",
  },
  rebindMs: {
    check: millis(1),
    unit: "ms",
    standard: 600,
    means: "p3: a cell that lost its parent tries the rest of the parent's cell so long",
  },
  seekMs: {
    check: millis(1),
    unit: "ms",
    standard: 500,
    means: "p3: a cell without a parent looks for the root so long before it becomes one",
  },
  graceMs: {
    check: millis(1),
    unit: "ms",
    standard: 1_000,
    means: "p3: a child cell that fell silent is kept so long",
  },
  stallPatienceMs: {
    check: millis(0),
    unit: "ms",
    standard: 2_000,
    means:
      "p3: a neighbour whose process lives, and whose main thread stands still, is not taken for dead so long",
  },
  deadlineMs: {
    check: millis(1),
    unit: "ms",
    standard: 1_000,
    means: "p3: of a question of discovery",
  },
  cacheMs: {
    check: millis(0),
    unit: "ms",
    standard: 5_000,
    means: "p3: an answer is believed so long",
  },
  checksHosts: {
    check: truth,
    standard: true,
    means:
      "p3: whether a peer's address must be that of its connection; not behind address translation",
  },
};
