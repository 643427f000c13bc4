import { MINOR, TIMEOUT } from "../../orb/index.ts";

/** Settled when it is so; looked at whenever something was heard. @throws TIMEOUT saying what is not so */
export function until(
  isSo: () => boolean,
  watch: (wake: () => void) => () => void,
  signal: AbortSignal,
  what: () => string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (!isSo() && !signal.aborted) return;
      stop();
      signal.removeEventListener("abort", look);
      if (isSo()) resolve();
      else reject(new TIMEOUT(what(), MINOR.gateExpired, "COMPLETED_MAYBE"));
    };
    const stop = watch(look);
    signal.addEventListener("abort", look);
    look();
  });
}
