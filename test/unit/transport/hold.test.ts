import { readdirSync, readlinkSync } from "node:fs";
import test from "ava";
import { loadNative } from "../../../native/index.ts";
import { ORB_init } from "../../../orb/index.ts";
import { holderBy } from "../../../orb/transport/index.ts";

test("a listening socket is held by the highest descriptor that the process may have, and let go", (t) => {
  const asked: number[] = [];
  const closed: number[] = [];
  const hold = holderBy({
    descriptorOf: () => 7,
    set: () => undefined,
    duplicate: (descriptor, atLeast) => {
      t.is(descriptor, 7);
      asked.push(atLeast);
      if (atLeast > 4_096) throw new RangeError("more than there may be");
      return atLeast;
    },
    closeDescriptor: (descriptor) => void closed.push(descriptor),
  });
  const letGo = hold({});
  t.deepEqual(asked, [16_384, 8_192, 4_096]);
  t.deepEqual(closed, []);
  letGo();
  t.deepEqual(closed, [4_096]);
});

const native = loadNative();
const DESCRIPTORS = "/proc/self/fd";

function socketsAbove(least: number): readonly string[] {
  return readdirSync(DESCRIPTORS).filter((name) => {
    if (Number(name) < least) return false;
    try {
      return readlinkSync(`${DESCRIPTORS}/${name}`).startsWith("socket:");
    } catch {
      return false;
    }
  });
}

test("resetOnCrash holds the ORB's listening sockets, until the ORB is gone; without the addon it holds none", async (t) => {
  const held = native === undefined ? 0 : 1;
  const before = socketsAbove(512).length;
  const orb = await ORB_init([], {
    ...(native === undefined ? {} : { native }),
    config: { orb: { resetOnCrash: true } },
  });
  t.is(socketsAbove(512).length, before + held);
  await orb.destroy();
  t.is(socketsAbove(512).length, before);
});
