// Looks around, announces, gives orders, and waits for an alarm at a callback object of its own:
// the same as cpp/client.cc, in TypeScript.
//
//   node dist/examples/metro/client.js -ORBInitRef NameService=corbaloc::127.0.0.1:2809/NameService

import { CosNaming } from "orbweaver/idl";
import { type ORB, ORB_init } from "orbweaver/orb";

import * as Metro from "./gen/Metro.ts";
import { heading, print, readingText, timeOfDay, timesHead, timesRow } from "./layout.ts";
import { Listener } from "./listener.ts";
import { CONTRACTED_MS } from "./watchers.ts";

const CALLS = 300;
const ALARMS = 100;
/** Names asked for at a time; few, so that the iterator has something to do. */
const AT_A_TIME = 3;

async function showBindings(context: CosNaming.NamingContext, path: string): Promise<void> {
  const { bl, bi } = await context.list(AT_A_TIME);
  const all = [...bl];
  if (bi !== null) {
    for (let more = await bi.next_n(AT_A_TIME); more.result; more = await bi.next_n(AT_A_TIME))
      all.push(...more.bl);
    await bi.destroy();
  }
  for (const { binding_name, binding_type } of all) {
    const [last = { id: "", kind: "" }] = binding_name;
    const name = `${path}${last.id}${last.kind === "" ? "" : `.${last.kind}`}`;
    if (binding_type === "nobject") {
      print(`  ${name}`);
      continue;
    }
    const inner = await CosNaming.NamingContext.narrow(await context.resolve(binding_name));
    if (inner !== null) await showBindings(inner, `${name}/`);
  }
}

async function findCenter(names: CosNaming.NamingContext): Promise<Metro.ControlCenter> {
  const object = await names.resolve([
    { id: "metro", kind: "" },
    { id: "center", kind: "control" },
  ]);
  const center = await Metro.ControlCenter.narrow(object);
  if (center === null) throw new TypeError("metro/center.control is no Metro::ControlCenter");
  return center;
}

async function findStation(center: Metro.ControlCenter, code: string): Promise<Metro.Station> {
  const station = await center.find(code);
  if (station === null) throw new TypeError(`the control center gave nil for ${code}`);
  return station;
}

async function showStations(center: Metro.ControlCenter): Promise<void> {
  heading(`Stations of ${await center._get_network()}`);
  print("  code          title                  lines          displays  sensors");
  for (const one of await center.stations()) {
    const counts = `${`${one.displays}`.padStart(8)} ${`${one.sensors}`.padStart(8)}`;
    const lines = one.lines.join(" ").padEnd(15);
    print(`  ${one.code.padEnd(14)}${one.title.padEnd(23)}${lines}${counts}`);
  }
}

async function announce(station: Metro.Station): Promise<void> {
  heading(`An announcement at ${await station._get_title()}`);
  await station.announce("Atenção: o próximo metro da linha D parte dentro de 2 minutos", "normal");
  for (const { number, at, text } of await station.announced(1))
    print(`  #${number} ${timeOfDay(at)}  ${text}`);
}

async function order(center: Metro.ControlCenter, station: Metro.Station): Promise<void> {
  heading("Orders of an operator");
  const give = (what: Metro.Command): Promise<Metro.Receipt> =>
    center.order("client.ts", ["trindade"], what);

  const text = "Linha D → Santo Ovídio  2 min";
  const written = await give({ $d: "write", on: { display: "", text } });
  const [panel] = await station._get_panels();
  const shown = await panel?._get_text();
  print(`  #${written.number} write: display ${await panel?._get_id()} shows "${shown}"`);

  const shut = await give({ $d: "shut", closed: true });
  print(`  #${shut.number} shut: ${shut.stations.join(", ")} is closed`);
  try {
    await station.announce("Hello", "normal");
    print("  the closed station announced something");
  } catch (thrown) {
    if (!(thrown instanceof Metro.Refused)) throw thrown;
    const { reason, level } = thrown;
    print(`     an announcement there: Metro::Refused, "${reason}", let through from: ${level}`);
  }
  const open = await give({ $d: "shut", closed: false });
  print(`  #${open.number} shut: ${open.stations.join(", ")} is open again`);

  try {
    await center.find("atlantis");
    print("  atlantis was found");
  } catch (thrown) {
    if (!(thrown instanceof Metro.UnknownStation)) throw thrown;
    const { code, known } = thrown;
    print(`     find("${code}"): Metro::UnknownStation, ${known.length} are known`);
  }
}

/** Reports a train that is too fast; the alarm of it comes to the listener. Microseconds it took. */
async function alarmOnce(
  station: Metro.Station,
  listener: Listener,
  isShown: boolean,
): Promise<number> {
  const startMs = performance.now();
  const train: Metro.Passage = { train: "EF-104", inbound: true, speed: 27.5 };
  await station.report("track-1", { $d: "track", train });
  const { what, atMs } = await listener.next();
  const tookMs = atMs - startMs;
  if (isShown) {
    const from = `${what.station}/${what.sensor}`;
    print(
      `  #${what.number} ${timeOfDay(what.at)}  ${what.level} from ${from}: ${readingText(what.cause)}`,
    );
    print(`     ${what.message}`);
    const contracted = `(contracted: ${CONTRACTED_MS} ms)`;
    print(`     ${tookMs.toFixed(2)} ms from the sensor's report to the callback ${contracted}`);
  }
  return tookMs * 1_000;
}

async function measure(what: string, call: () => Promise<unknown>): Promise<void> {
  const micros: number[] = [];
  for (let n = 0; n < CALLS; n++) {
    const startMs = performance.now();
    await call();
    micros.push((performance.now() - startMs) * 1_000);
  }
  print(timesRow(what, micros));
}

async function showTimes(
  center: Metro.ControlCenter,
  station: Metro.Station,
  listener: Listener,
): Promise<void> {
  heading("Times of calls, in microseconds");
  print(timesHead());
  await measure("Station::volume", () => station._get_volume());
  await measure("Station::announce", () => station.announce("Próxima paragem: Bolhão", "normal"));
  await measure("Station::sensors", () => station.sensors());
  await measure("ControlCenter::stations", () => center.stations());
  const micros: number[] = [];
  for (let n = 0; n < ALARMS; n++) micros.push(await alarmOnce(station, listener, false));
  print(timesRow("Station::report to raised()", micros));
}

async function visit(orb: ORB): Promise<void> {
  const names = await CosNaming.NamingContext.narrow(
    await orb.resolve_initial_references("NameService"),
  );
  if (names === null) throw new TypeError("NameService is no CosNaming::NamingContext");
  heading("Names bound");
  await showBindings(names, "");

  const center = await findCenter(names);
  heading("IOR of metro/center.control");
  print(`  ${orb.object_to_string(center)}`);

  await showStations(center);
  const station = await findStation(center, "trindade");
  await announce(station);
  await order(center, station);

  const listener = new Listener();
  const callback = Metro.AlarmListener.uncheckedNarrow(await orb.rootPOA.activate(listener));
  orb.rootPOA.the_POAManager.activate();
  const watch = await center.watch(callback, "critical");
  heading("An alarm at the callback object");
  await alarmOnce(station, listener, true);
  await showTimes(center, station, listener);
  await center.unwatch(watch);
}

await using orb = await ORB_init(process.argv.slice(2));
await visit(orb);
