import type { ReplicaAddress } from "../../interceptors/index.ts";
import type { Level } from "../predictor/index.ts";

/** What a replica that is a child process tells the one who started it. */
export type FromReplica =
  | { readonly tells: "ready"; readonly address: ReplicaAddress }
  | { readonly tells: "level"; readonly level: Level }
  | { readonly tells: "moved" };

/** What it is told. */
export type ToReplica =
  | { readonly asks: "know" | "move"; readonly replicas: readonly ReplicaAddress[] }
  | { readonly asks: "retire" };

/** undefined for what is no such letter: a program may send others over the same channel. */
export function fromReplica(letter: unknown): FromReplica | undefined {
  const tells = (letter as { readonly tells?: unknown } | null)?.tells;
  const isKnown = tells === "ready" || tells === "level" || tells === "moved";
  return isKnown ? (letter as FromReplica) : undefined;
}

/** undefined for what is no such letter. */
export function toReplica(letter: unknown): ToReplica | undefined {
  const asks = (letter as { readonly asks?: unknown } | null)?.asks;
  const isKnown = asks === "know" || asks === "move" || asks === "retire";
  return isKnown ? (letter as ToReplica) : undefined;
}
