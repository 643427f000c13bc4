/** The nine steps in which a replicated service comes to be: figure 4 of "Stheno" (docs/replication.md, "Nine steps"). */
const STEPS = {
  requested: 1,
  admitted: 2,
  reserved: 3,
  founded: 4,
  asked: 5,
  "admitted there": 6,
  "reserved there": 7,
  joined: 8,
  acknowledged: 9,
} as const;

/** What happens while replicas are placed. */
export type Placing =
  | {
      readonly kind: keyof typeof STEPS;
      readonly group: string;
      /** The peer that the replica is at, or is to be at. */
      readonly site: string;
      /** Of what was reserved, in words. */
      readonly reserved?: string;
    }
  /** Discovery found these, the best first. */
  | { readonly kind: "sites"; readonly group: string; readonly sites: readonly string[] }
  /** There is not enough there; `reason` says what is free. The next site is asked. */
  | {
      readonly kind: "refused";
      readonly group: string;
      readonly site: string;
      readonly reason: string;
    }
  /** There were more replicas than there are to be. */
  | { readonly kind: "dismissed"; readonly group: string; readonly site: string };

/** Number of the step in the paper's figure; undefined for what is none of the nine. */
export function stepOf({ kind }: Placing): number | undefined {
  return kind in STEPS ? STEPS[kind as keyof typeof STEPS] : undefined;
}
