import { readdirSync, readFileSync, readlinkSync } from "node:fs";
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

/** Descriptors of this process for the socket that listens at the port; other tests have sockets in it, too. */
function descriptorsOf(port: number): readonly number[] {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  const line = ["tcp", "tcp6"]
    .flatMap((kind) => readFileSync(`/proc/net/${kind}`, "utf8").split("\n"))
    .find((each) => each.includes(`${local}00000000`) && / 0A /.test(each));
  const inode = line?.trim().split(/\s+/)[9];
  return readdirSync(DESCRIPTORS)
    .filter((name) => {
      try {
        return readlinkSync(`${DESCRIPTORS}/${name}`) === `socket:[${inode}]`;
      } catch {
        return false;
      }
    })
    .map(Number);
}

test("resetOnCrash holds the ORB's listening sockets, until the ORB is gone; without the addon it holds none", async (t) => {
  const orb = await ORB_init([], {
    ...(native === undefined ? {} : { native }),
    config: { orb: { resetOnCrash: true, listen: ["iiop://127.0.0.1:0"] } },
  });
  const port = orb.endpoints[0]?.port ?? 0;
  const descriptors = descriptorsOf(port);
  t.is(descriptors.length, native === undefined ? 1 : 2);
  t.is(descriptors.filter((each) => each >= 1_024).length, native === undefined ? 0 : 1);
  await orb.destroy();
  t.deepEqual(descriptorsOf(port), []);
});
