/** A station as the network's planners see it. */
export interface StationPlan {
  readonly code: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly displays: number;
  readonly sensors: readonly string[];
}

export const NETWORK = "Metro do Porto";

/** A few of the seventy stations of the light-train network of Porto. */
export const PLANS: readonly StationPlan[] = [
  {
    code: "trindade",
    title: "Trindade",
    lines: ["A", "B", "C", "D", "E", "F"],
    displays: 4,
    sensors: ["track-1", "track-2", "hall"],
  },
  {
    code: "bolhao",
    title: "Bolhão",
    lines: ["A", "B", "C", "E", "F"],
    displays: 2,
    sensors: ["track-1", "hall"],
  },
  {
    code: "saobento",
    title: "São Bento",
    lines: ["D"],
    displays: 2,
    sensors: ["track-1", "door-1"],
  },
  {
    code: "musica",
    title: "Casa da Música",
    lines: ["A", "B", "C", "E", "F"],
    displays: 3,
    sensors: ["track-1", "track-2"],
  },
  {
    code: "aeroporto",
    title: "Aeroporto",
    lines: ["E"],
    displays: 1,
    sensors: ["track-1", "door-1", "door-2"],
  },
];
