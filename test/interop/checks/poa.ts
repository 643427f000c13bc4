// What a client notices of the policies of the POAs behind its references.
import {
  OBJ_ADAPTER,
  OBJECT_NOT_EXIST,
  ORB_init,
  SystemException,
  TRANSIENT,
} from "../../../orb/index.ts";
import * as Interop from "../gen/Interop.ts";
import {
  type Checks,
  describe,
  expect,
  expectSame,
  expectThrow,
  given,
  type Peer,
} from "./check.ts";

async function topOf(peer: Peer, name: string): Promise<Interop.Top> {
  return Interop.Top.uncheckedNarrow(given(await peer.root.named(`poa.${name}`)));
}

async function expectWho(peer: Peer, name: string, wanted: string): Promise<void> {
  const top = await topOf(peer, name);
  for (let i = 0; i < 2; i++) expectSame(await top.who(), wanted, "who");
}

export const poaChecks: Checks = {
  "poa.default_servant": async (peer) => {
    await expectWho(peer, "default.seven", "default seven");
    await expectWho(peer, "default.eight", "default eight");
  },
  "poa.locator": async (peer) => {
    await expectWho(peer, "locator.seven", "locator seven");
    await expectWho(peer, "locator.eight", "locator eight");
  },
  "poa.activator": async (peer) => {
    await expectWho(peer, "activator.seven", "activator seven");
    // Each object has a servant of its own, which stays.
    const seven = await topOf(peer, "activator.seven");
    const eight = await topOf(peer, "activator.eight");
    await seven._set_label("7");
    await eight._set_label("8");
    expectSame(await seven._get_label(), "7", "label");
  },
  "poa.forward": (peer) => expectWho(peer, "locator.forward", "Top"),
  "poa.adapter_activator": (peer) => expectWho(peer, "demand", "demand x"),
  "poa.unknown_adapter": async (peer) => {
    const top = await topOf(peer, "unknown");
    await expectThrow(OBJECT_NOT_EXIST, () => top.who(), "a POA that nobody makes");
  },
  "poa.holding": async (peer) => {
    const top = await topOf(peer, "holding");
    const held = top.who();
    // omniORB reads no more of the connection of a request that it holds.
    await using other = await ORB_init([], { config: { orb: { listen: [] } } });
    const again = await other.string_to_object(peer.orb.object_to_string(peer.root));
    await Interop.Root.uncheckedNarrow(given(again)).named("poa.activate");
    expectSame(await held, "holding x", "who");
  },
  "poa.discarding": async (peer) => {
    const top = await topOf(peer, "discarding");
    const e = await expectThrow(TRANSIENT, () => top.who(), "DISCARDING");
    expectSame(e.completed, "COMPLETED_NO", "completed");
  },
  "poa.inactive": async (peer) => {
    const top = await topOf(peer, "inactive");
    // How an inactive manager refuses is the server's business.
    const e = await expectThrow(SystemException, () => top.who(), "INACTIVE");
    const isOne = e instanceof OBJ_ADAPTER || e instanceof OBJECT_NOT_EXIST;
    expect(isOne, `INACTIVE: ended in ${describe(e)}`);
    expectSame(e.completed, "COMPLETED_NO", "completed");
  },
  "poa.single_thread": async (peer) => {
    const top = await topOf(peer, "single.x");
    await Promise.all(Array.from({ length: 4 }, () => top.who()));
    expectSame(await top.who(), "1", "calls at once");
  },
};
