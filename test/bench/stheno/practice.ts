import { openTcpCarrier } from "../../../services/group-net/index.ts";
import type { Transport } from "../../../orb/index.ts";

const HOST = "127.0.0.1";
const LETTER = Buffer.from("lost");
const LOSS_TIMEOUT_MS = 5_000;

/**
 * Loses so many hosts of groups, one after the other, over connections of its own: to see that a connection broke, and to
 * find out that nobody is there any more, is code that else runs for the first time when it matters.
 * @throws Error when a loss is not noticed in time
 */
export async function practiseLoss(transport: Transport, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await using left = await openTcpCarrier({ host: HOST, transport });
    const lost = await openTcpCarrier({ host: HOST, transport });
    const quiet = (): void => undefined;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`a lost host was not noticed within ${LOSS_TIMEOUT_MS} ms`)),
        LOSS_TIMEOUT_MS,
      );
      left.start({
        heard: quiet,
        gone: () => {
          clearTimeout(late);
          resolve();
        },
      });
      lost.start({ heard: () => void lost[Symbol.asyncDispose](), gone: quiet });
      left.send(lost.address, LETTER);
    });
  }
}
