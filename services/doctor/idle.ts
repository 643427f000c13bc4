import { awakeCommand, wakeUpFile, writeCoreList } from "../../native/index.ts";
import type { Check } from "./finding.ts";
import { type Machine, numberOf, textOf } from "./machine.ts";

const CPU = "/sys/devices/system/cpu";
/** More than any driver has. */
const MOST_STATES = 16;

/** A state that a core without work may be in. */
interface IdleState {
  readonly name: string;
  /** What the driver says waking up takes. */
  readonly latencyUs: number;
}

/** The states of a core that are not switched off. */
function statesOf(machine: Machine, core: number): readonly IdleState[] {
  return Array.from({ length: MOST_STATES }, (_, state) => {
    const directory = `${CPU}/cpu${core}/cpuidle/state${state}`;
    const name = textOf(machine, `${directory}/name`);
    const isOff = numberOf(machine, `${directory}/disable`) === 1;
    return name === undefined || isOff
      ? []
      : [{ name, latencyUs: numberOf(machine, `${directory}/latency`) ?? 0 }];
  }).flat();
}

/** Whether cores sleep when they have no work, and how deep. */
export const idleStates: Check = (machine) => {
  const code = "idle-states";
  const driver = textOf(machine, `${CPU}/cpuidle/current_driver`);
  if (driver === undefined || driver === "none")
    return [
      {
        code,
        level: "note",
        what: "no cpuidle driver: cores without work halt, and nothing can be set but for all of them; the first call after a pause waits until its core has woken up",
        mend: "idle=poll on the kernel's command line keeps all cores awake; so does a program that holds /dev/cpu_dma_latency open, where the kernel has it",
      },
    ];
  const states = statesOf(machine, machine.cores[0] ?? 0);
  const text = states.map(({ name, latencyUs }) => `${name} ${latencyUs} µs`).join(", ");
  const isDeep = states.some(({ latencyUs }) => latencyUs > 0);
  const sleepy = machine.cores.filter((core) => textOf(machine, wakeUpFile(core)) !== "n/a");
  if (!isDeep || sleepy.length === 0)
    return [{ code, level: "well", what: `cores without work stay awake (${driver}: ${text})` }];
  const isVirtual = driver === "haltpoll";
  const last = sleepy.at(-1) ?? 0;
  const which = `${sleepy.length === 1 ? "core" : "cores"} ${writeCoreList(sleepy)}`;
  return [
    {
      code,
      level: "note",
      what: `without work ${which} may sleep (${driver}; to wake up: ${text}${isVirtual ? ", and in this virtual machine what its host takes, often hundreds of µs" : ""}): the first call after a pause waits for that`,
      mend: `awake = true in the partition of the QoS daemon; by hand, for one core: ${awakeCommand(last)}`,
    },
  ];
};
