import type { ExecutionContext } from "ava";
import { ORB_init, SystemException } from "../../../orb/index.ts";
import { Bank } from "../../support/bank/index.ts";
import { GroupProcess, type ProgramOptions } from "../../support/group-process/index.ts";

/** A machine that is busy with other tests is late: silence counts from about 0.7 s on. A dead process is told by the kernel. */
export const TIMES = {
  heartbeatMs: 50,
  detector: { threshold: 8, expectedMs: 100, leastDeviationMs: 100 },
  patienceMs: 1_000,
  resendMs: 200,
};
/** Longer than any view change takes on a busy machine; a call that waits so long has failed. */
const CALL_MS = 20_000;
/** Where it is expected that calls are not answered. */
export const SHORT_CALL_MS = 2_000;

/** A process that ends with the test. */
export async function started(
  t: ExecutionContext,
  options: Partial<ProgramOptions> & Pick<ProgramOptions, "site">,
): Promise<GroupProcess> {
  const one = await GroupProcess.start({ times: TIMES, ...options });
  t.teardown(() => one[Symbol.asyncDispose]());
  return one;
}

/** Processes that found a group together. */
export async function founded<const T extends readonly string[]>(
  t: ExecutionContext,
  sites: T,
  options: (site: string) => Partial<ProgramOptions> = () => ({}),
): Promise<{ readonly [K in keyof T]: GroupProcess }> {
  const all = await Promise.all(sites.map((site) => started(t, { site, ...options(site) })));
  const addresses = all.map(({ host }) => host);
  await Promise.all(all.map((one) => one.join({ by: "list", addresses })));
  await Promise.all(all.map((one) => one.inViewOf(sites.length)));
  return all as unknown as { readonly [K in keyof T]: GroupProcess };
}

/** Books that are called at one replica alone. */
export async function booksAt(
  t: ExecutionContext,
  { own }: GroupProcess,
  deadlineMs: number = CALL_MS,
): Promise<Bank.Books> {
  const orb = await ORB_init([], { config: { orb: { listen: [], deadlineMs } } });
  t.teardown(() => orb.destroy());
  const books = Bank.Books.uncheckedNarrow(await orb.string_to_object(own));
  if (books === null) throw new TypeError("nil");
  return books;
}

/** Calls again while the replica says that it did nothing, for it has no group to do it with. */
export async function insist<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const isRefused = error instanceof SystemException && error.completed === "COMPLETED_NO";
      if (!isRefused || error.name !== "TRANSIENT") throw error;
    }
  }
}

export function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
