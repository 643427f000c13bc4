/** What one writer knows of one of its calls. */
export interface Call {
  readonly token: string;
  readonly writer: string;
  readonly step: Step;
  /** On the machine's clock, which all processes share. */
  readonly beganMs: number;
  readonly endedMs: number;
  readonly end: End;
}

/** What was asked for. */
export type Step =
  | { readonly do: "add"; readonly account: string; readonly amount: number }
  | {
      readonly do: "transfer";
      readonly from: string;
      readonly to: string;
      readonly amount: number;
    };

export type End =
  | { readonly how: "done"; readonly place: number; readonly balance: number }
  /** The books do not allow it: it was executed, and changed nothing. */
  | { readonly how: "insufficient"; readonly balance: number }
  /** Told that it was not executed. */
  | { readonly how: "not"; readonly why: string }
  /** Nobody knows. */
  | { readonly how: "maybe"; readonly why: string };

/**
 * Whether the books are what the calls can have made of them: linearizable, each acknowledged call once, in an order that
 * fits time, with the results that its caller was told; each that was not executed nowhere; each other at most once.
 * @param lines tokens in the order of execution
 * @returns what is wrong, each in a line; empty: nothing
 */
export function faultsOf(calls: readonly Call[], lines: readonly string[]): readonly string[] {
  const byToken = new Map(calls.map((call) => [call.token, call]));
  const places = new Map<string, number>();
  const faults: string[] = [];
  for (const [at, token] of lines.entries()) {
    const before = places.get(token);
    if (before !== undefined) faults.push(`${token} was executed twice: ${before} and ${at + 1}`);
    else places.set(token, at + 1);
    if (!byToken.has(token)) faults.push(`${token} stands at ${at + 1}, and nobody asked for it`);
  }
  for (const { token, end } of calls) {
    const place = places.get(token);
    const isAcknowledged = end.how === "done" || end.how === "insufficient";
    if (isAcknowledged && place === undefined) faults.push(`${token} was acknowledged and is lost`);
    if (end.how === "not" && place !== undefined)
      faults.push(`${token} stands at ${place}, and its caller was told that it was not executed`);
    if (end.how === "done" && place !== undefined && end.place !== place)
      faults.push(`${token} was told to stand at ${end.place}, and stands at ${place}`);
  }
  return [...faults, ...timeFaults(lines, byToken), ...resultFaults(lines, byToken)];
}

/** Who ended before another began stands before it. */
function timeFaults(
  lines: readonly string[],
  byToken: ReadonlyMap<string, Call>,
): readonly string[] {
  const faults: string[] = [];
  let earliest: Call | undefined;
  for (const token of [...lines].reverse()) {
    const call = byToken.get(token);
    if (call === undefined) continue;
    if (earliest !== undefined && earliest.endedMs < call.beganMs)
      faults.push(
        `${earliest.token} ended ${call.beganMs - earliest.endedMs} ms before ${token} began, and stands after it`,
      );
    // Of a call without an answer nobody knows when it took effect: it may still be later.
    const isAnswered = call.end.how === "done" || call.end.how === "insufficient";
    if (isAnswered && (earliest === undefined || call.endedMs < earliest.endedMs)) earliest = call;
  }
  return faults;
}

/** Does it all again, one after the other. */
function resultFaults(
  lines: readonly string[],
  byToken: ReadonlyMap<string, Call>,
): readonly string[] {
  const faults: string[] = [];
  const balances = new Map<string, number>();
  const of = (account: string): number => balances.get(account) ?? 0;
  for (const token of lines) {
    const call = byToken.get(token);
    if (call === undefined) continue;
    const { step, end } = call;
    const isRefused = step.do === "transfer" && of(step.from) < step.amount;
    const account = step.do === "add" ? step.account : step.from;
    if (step.do === "add") balances.set(account, of(account) + step.amount);
    else if (!isRefused) {
      balances.set(step.to, of(step.to) + step.amount);
      balances.set(step.from, of(step.from) - step.amount);
    }
    const wanted = `${isRefused ? "insufficient" : "done"} ${of(account)}`;
    if (end.how !== "done" && end.how !== "insufficient") continue;
    const told = `${end.how} ${end.balance}`;
    if (told !== wanted) faults.push(`${token} was told "${told}", and it was "${wanted}"`);
  }
  return faults;
}
