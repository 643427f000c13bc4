import { openGroupHost, openTcpCarrier } from "../../../services/group-net/index.ts";
import { PlainState } from "../../../services/replication/index.ts";
import type { Transport } from "../../../orb/index.ts";
import { heardBy } from "./heard-by.ts";

const HOST = "127.0.0.1";
const LETTER = Buffer.from("lost");
const LOSS_TIMEOUT_MS = 5_000;

const quiet = (): void => undefined;

/**
 * Loses so many hosts of groups, one after the other, over connections of its own: to see that a connection broke, and to
 * find out that nobody is there any more, is code that else runs for the first time when it matters.
 * @throws Error when a loss is not noticed in time
 */
export async function practiseLoss(transport: Transport, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await loseOne(transport);
}

async function loseOne(transport: Transport): Promise<void> {
  const carrier = await openTcpCarrier({ host: HOST, transport });
  const lost = await openTcpCarrier({ host: HOST, transport });
  let noticed = quiet;
  const gone = (): void => noticed();
  await using host = openGroupHost({
    carrier: heardBy(carrier, { letter: quiet, gone }),
    site: "practice",
  });
  host.join({ group: "practice", entry: { by: "founding" }, state: new PlainState(new Map()) });
  lost.start({ heard: () => void lost[Symbol.asyncDispose](), gone: quiet });
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`a lost host was not noticed within ${LOSS_TIMEOUT_MS} ms`)),
      LOSS_TIMEOUT_MS,
    );
    noticed = () => {
      clearTimeout(late);
      resolve();
    };
    carrier.send(lost.address, LETTER);
  });
}
