import test from "ava";
import type { IORInfo, IORInterceptor } from "../../../interceptors/index.ts";
import { PortableInterceptor } from "../../../idl/index.ts";
import {
  BAD_INV_ORDER,
  BAD_PARAM,
  INV_POLICY,
  MemoryTransport,
  OBJ_ADAPTER,
  type ObjectReference,
} from "../../../orb/index.ts";
import { iiopProfilesOf } from "../../../orb/ior/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { watchedOrb } from "./support.ts";

const TAG = 0x4f57_0077;

const component = (...octets: number[]): { tag: number; component_data: Uint8Array } => ({
  tag: TAG,
  component_data: Uint8Array.from(octets),
});

/** The components of our tag in a reference. */
function found(reference: ObjectReference): readonly (readonly number[])[] {
  const [profile] = iiopProfilesOf(reference._core.ior);
  return (profile?.components ?? []).filter(({ tag }) => tag === TAG).map(({ data }) => [...data]);
}

test("components are added to all references of a POA, the RootPOA's included, and these are called as others", async (t) => {
  let count = 0;
  const iors = [
    {
      name: "adding",
      establish_components: (info: IORInfo) => {
        count++;
        info.add_ior_component(component(count));
        info.add_ior_component_to_profile(component(count, count), 0);
        const error = t.throws(() => info.add_ior_component_to_profile(component(1), 1), {
          instanceOf: BAD_PARAM,
        });
        t.is(error?.minor, 0x4f4d_001d);
      },
    },
  ];
  const orb = await watchedOrb(t, new MemoryTransport(), { iors });
  orb.rootPOA.the_POAManager.activate();
  const child = await orb.rootPOA.createPoa("child");
  const first = await orb.rootPOA.activate(new Sample());
  const second = child.create_reference("IDL:Sample:1.0");
  t.deepEqual(found(first), [[1], [1, 1]]);
  t.deepEqual(found(second), [[2], [2, 2]]);
  t.is(await sample.echo(first, "x"), "x");
});

test("each point of an IOR interceptor knows what the table says, the rest is BAD_INV_ORDER 14", async (t) => {
  const infos: IORInfo[] = [];
  const said: Record<string, Record<string, unknown>> = {};
  const probes: Readonly<Record<string, (info: IORInfo) => unknown>> = {
    get_effective_policy: (info) => info.get_effective_policy(17)?.value,
    add_ior_component: (info) => info.add_ior_component(component(1)),
    add_ior_component_to_profile: (info) => info.add_ior_component_to_profile(component(1), 0),
    manager_id: (info) => info.manager_id,
    state: (info) => info.state,
    adapter_template: (info) => info.adapter_template.adapter_name,
    current_factory: (info) => info.current_factory === info.adapter_template,
    "current_factory =": (info) => {
      const { current_factory: factory } = info;
      info.current_factory = factory;
    },
  };
  const ask = (point: string, info: IORInfo): void => {
    infos.push(info);
    const cells: Record<string, unknown> = {};
    for (const [name, probe] of Object.entries(probes)) {
      try {
        cells[name] = probe(info);
      } catch (error) {
        t.true(error instanceof BAD_INV_ORDER);
        cells[name] = (error as BAD_INV_ORDER).minor - 0x4f4d_0000;
      }
    }
    t.is(
      t.throws(() => info.get_effective_policy(999_999), { instanceOf: INV_POLICY })?.minor,
      0x4f4d_0002,
    );
    said[point] = cells;
  };
  const iors: IORInterceptor[] = [
    {
      name: "asking",
      establish_components: (info) => ask("establish_components", info),
      components_established: (info) => ask("components_established", info),
    },
  ];
  const orb = await watchedOrb(t, new MemoryTransport(), { iors });
  await orb.rootPOA.create_POA("child", null, [orb.rootPOA.create_lifespan_policy("PERSISTENT")]);
  t.deepEqual(said, {
    establish_components: {
      get_effective_policy: "PERSISTENT",
      add_ior_component: undefined,
      add_ior_component_to_profile: undefined,
      manager_id: "POAManager1",
      state: PortableInterceptor.HOLDING,
      adapter_template: 14,
      current_factory: 14,
      "current_factory =": 14,
    },
    components_established: {
      get_effective_policy: "PERSISTENT",
      add_ior_component: 14,
      add_ior_component_to_profile: 14,
      manager_id: "POAManager1",
      state: PortableInterceptor.HOLDING,
      adapter_template: ["RootPOA", "child"],
      current_factory: true,
      "current_factory =": undefined,
    },
  });
  const [info] = infos as [IORInfo];
  for (const probe of Object.values(probes))
    t.throws(() => probe(info), { instanceOf: BAD_INV_ORDER });
});

test("a template makes references of the POA; another factory may take its place", async (t) => {
  const iors: IORInterceptor[] = [
    {
      name: "factory",
      components_established: (info) => {
        const { adapter_template: template } = info;
        if (template.adapter_name.length === 1) return;
        t.is(template.orb_id, "factory test");
        t.true(template.server_id.length > 0);
        class Renaming extends PortableInterceptor.ObjectReferenceFactory {
          override make_object(_type: string, id: Uint8Array): ObjectReference {
            return template.make_object("IDL:Renamed:1.0", id);
          }
        }
        info.current_factory = new Renaming();
      },
    },
  ];
  const args = ["-ORBid", "factory test"];
  const orb = await watchedOrb(t, new MemoryTransport(), { iors, args });
  orb.rootPOA.the_POAManager.activate();
  const poa = await orb.rootPOA.createPoa("child", { idAssignment: "USER_ID" });
  const reference = await poa.activate("one", new Sample());
  t.is(reference._core.ior.typeId, "IDL:Renamed:1.0");
  t.is(Buffer.from(poa.reference_to_id(reference)).toString(), "one");
  t.is(await sample.echo(reference, "x"), "x");
  t.is((await orb.rootPOA.activate(new Sample()))._core.ior.typeId, "IDL:Sample:1.0");
});

test("a factory that makes nothing is OBJ_ADAPTER where a reference is wanted", async (t) => {
  class Empty extends PortableInterceptor.ObjectReferenceFactory {
    override make_object(): null {
      return null;
    }
  }
  const iors: IORInterceptor[] = [
    {
      name: "empty",
      components_established: (info) => {
        info.current_factory = new Empty();
      },
    },
  ];
  const orb = await watchedOrb(t, new MemoryTransport(), { iors });
  await t.throwsAsync(orb.rootPOA.activate(new Sample()), { instanceOf: OBJ_ADAPTER });
});

test("what establish_components throws is ignored; what components_established throws is OBJ_ADAPTER 6, and there is no POA", async (t) => {
  const problem = new Error("not this one");
  let isStrict = false;
  const log: string[] = [];
  const iors: IORInterceptor[] = [
    {
      name: "failing",
      establish_components: () => {
        throw new Error("in vain");
      },
      components_established: (info) => {
        if (isStrict && info.adapter_template.adapter_name.length === 2) throw problem;
      },
    },
    {
      name: "next",
      establish_components: (info) => info.add_ior_component(component(3)),
      components_established: () => void log.push("established"),
    },
  ];
  const orb = await watchedOrb(t, new MemoryTransport(), { iors });
  t.deepEqual(found(orb.rootPOA.create_reference("IDL:Sample:1.0")), [[3]]);
  isStrict = true;
  const managers = orb.rootPOA.the_POAManagerFactory.list().length;
  const error = await t.throwsAsync(orb.rootPOA.create_POA("child"), { instanceOf: OBJ_ADAPTER });
  t.is(error?.minor, 0x4f4d_0006);
  t.is(error?.cause, problem);
  t.deepEqual(orb.rootPOA.the_children, []);
  t.is(orb.rootPOA.the_POAManagerFactory.list().length, managers);
  isStrict = false;
  await orb.rootPOA.create_POA("child");
  t.deepEqual(log, ["established", "established"]);
});

test("an IOR interceptor that throws for the RootPOA ends ORB_init", async (t) => {
  const iors: IORInterceptor[] = [
    {
      name: "failing",
      components_established: () => {
        throw new Error("none at all");
      },
    },
  ];
  await t.throwsAsync(watchedOrb(t, new MemoryTransport(), { iors }), { instanceOf: OBJ_ADAPTER });
});

test("states of managers and the end of POAs are told, whatever an interceptor throws", async (t) => {
  const log: string[] = [];
  const iors: IORInterceptor[] = [
    {
      name: "failing",
      adapter_manager_state_changed: () => {
        throw new Error("in vain");
      },
      adapter_state_changed: () => {
        throw new Error("in vain");
      },
    },
    {
      name: "telling",
      adapter_manager_state_changed: (id, state) => void log.push(`${id} ${state}`),
      adapter_state_changed: (templates, state) => {
        for (const { adapter_name: name } of templates) log.push(`${name.join("/")} ${state}`);
      },
    },
  ];
  const orb = await watchedOrb(t, new MemoryTransport(), { iors });
  const poa = await orb.rootPOA.create_POA("child");
  await poa.create_POA("grandchild", poa.the_POAManager);
  const manager = poa.the_POAManager;
  manager.activate();
  manager.activate();
  await manager.hold_requests();
  await manager.discard_requests();
  await poa.destroy(false, true);
  t.deepEqual(log, [
    "POAManager1 1",
    "POAManager1 0",
    "POAManager1 2",
    "RootPOA/child/grandchild 4",
    "RootPOA/child 4",
  ]);
  log.length = 0;
  await orb.destroy();
  t.deepEqual(log, ["RootPOAManager 3", "RootPOA 4"]);
});
