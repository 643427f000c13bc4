import { createInterface } from "node:readline";
import { randomFrom } from "./dice.ts";
import { type CallPolicies, ORB_init, SystemException } from "../../orb/index.ts";
import { Bank } from "../support/bank/index.ts";

const ACCOUNTS: readonly string[] = ["anna", "ben", "carla"];
/** A frozen server holds a call for as long. */
const CALL_MS = 8_000;
/** So that a call goes past members that are cut off, and back. */
const CONNECT_MS = 1_000;

/** On the machine's clock, that of `writer.cc`. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

async function call(
  books: Bank.Books,
  token: string,
  dice: (count: number) => number,
): Promise<string> {
  const from = ACCOUNTS[dice(3)] ?? "";
  const to = ACCOUNTS[dice(3)] ?? "";
  const amount = 1 + dice(9);
  const isAdd = dice(2) === 0;
  const step = isAdd ? `add ${from} ${amount}` : `transfer ${from} ${to} ${amount}`;
  const beganMs = nowMs();
  const end = await (isAdd
    ? books.add(token, from, BigInt(amount))
    : books.transfer(token, from, to, BigInt(amount))
  ).then(
    ({ place, balance }) => `done ${place} ${balance}`,
    (error: unknown) => endOf(error),
  );
  return `${token} ${beganMs} ${nowMs()} ${step} ${end}`;
}

function endOf(error: unknown): string {
  if (error instanceof Bank.Insufficient) return `insufficient ${error.balance}`;
  if (!(error instanceof SystemException)) throw error;
  return `${error.completed === "COMPLETED_NO" ? "not" : "maybe"} ${error.name}:${error.minor.toString(16)}`;
}

/** How often members of the group are asked whether they live, and for how long an answer is waited for. */
function heartbeat(text: string): NonNullable<CallPolicies["heartbeat"]> {
  const intervalMs = Number(text);
  return { enabled: intervalMs > 0, intervalMs, timeoutMs: intervalMs * 2 };
}

/** writer.js REFERENCE NAME SEED [HEARTBEAT_MS]: as `writer.cc`. */
async function main([uri = "", name = "", seed = "0", beat]: readonly string[]): Promise<void> {
  const policies = beat === undefined ? {} : { policies: { heartbeat: heartbeat(beat) } };
  const orb = await ORB_init([], {
    config: {
      orb: { listen: [], deadlineMs: CALL_MS, connectTimeoutMs: CONNECT_MS, ...policies },
    },
  });
  const books = Bank.Books.uncheckedNarrow(await orb.string_to_object(uri));
  if (books === null) throw new TypeError("nil");
  const dice = randomFrom(Number(seed));
  let isOver = false;
  createInterface({ input: process.stdin }).once("close", () => (isOver = true));
  process.stdin.resume();
  for (let i = 1; !isOver; i++) {
    process.stdout.write(`${await call(books, `${name}-${i}`, dice)}\n`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await orb.destroy();
}

await main(process.argv.slice(2));
