import type * as Mixed from "./gen/Mixed.ts";

/** A value of the struct of 20 members that several benches send. */
export const TWENTY: Mixed.Twenty = {
  a: -1,
  b: 2,
  c: 3,
  d: true,
  e: 4.5,
  f: "a string of some length",
  g: 7n,
  h: "green",
  i: { x: 1, y: 2 },
  j: 10,
  k: 0.5,
  l: "x",
  m: 13,
  n: "",
  o: [1, 2, 3, 4],
  p: 16,
  q: { x: 3, y: 4 },
  r: false,
  s: 19n,
  t: 20,
};
