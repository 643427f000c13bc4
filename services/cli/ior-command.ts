import { describeReference, type IorDescription } from "../../orb/index.ts";
import { probeReference } from "../probe/index.ts";
import {
  type Command,
  readArguments,
  readSeconds,
  type Surroundings,
  UsageError,
} from "../command/index.ts";
import { iorLines } from "./ior-text.ts";
import { toJson } from "./plain-text.ts";
import { probeLines } from "./probe-text.ts";
import { calling, REFERENCE_HELP, referenceText } from "./calling.ts";

/** Milliseconds a naming service may take to resolve a corbaname. */
const RESOLVE_TIMEOUT_MS = 5_000;

const HELP = `Usage: orbweaver ior [--probe] [--json] [-ORB... VALUE]... REF

Prints every profile and component of a reference: what TAO, omniORB, JacORB and others put there,
groups of fault-tolerant objects, priorities of RT-CORBA, code sets, security.

${REFERENCE_HELP}
A corbaname with a name is resolved first; everything else is read without the network.

  --probe           tries every address: its name, a connection, the object; says in words what is
                    wrong and how that is usually mended. Ends with 0 when the object was reached
  --ws URL          with --probe: enters this WebSocket (ws: or wss:) in place of the reference's addresses
  --timeout SECONDS what each connection and each answer may take with --probe (default 3)
  --json            for programs: octets as hexadecimal digits, 64-bit numbers as text
  -ORB... VALUE     arguments of the ORB, e.g. -ORBInitRef NameService=corbaloc::HOST:PORT/NameService
  --help            this text
`;

/** What only the network can tell: a name's object, an initial reference. */
function needsResolving(text: string): boolean {
  return /^corbaname:[^#]*#./i.test(text) || /^corba(?:loc|name):rir:/i.test(text);
}

function resolved(
  text: string,
  orbArguments: readonly string[],
  stop: AbortSignal,
): Promise<string> {
  const use = { command: "ior", orb: orbArguments, timeoutMs: RESOLVE_TIMEOUT_MS, stop };
  return calling(use, async (orb) => orb.object_to_string(await orb.string_to_object(text)));
}

/** The reference, resolved where that is possible; else what its text says, and why no more. */
async function describe(
  text: string,
  orbArguments: readonly string[],
  { complain, stop }: Surroundings,
): Promise<{ description: IorDescription; isWhole: boolean }> {
  if (!needsResolving(text)) return { description: describeReference(text), isWhole: true };
  try {
    const ior = await resolved(text, orbArguments, stop);
    return { description: describeReference(ior), isWhole: true };
  } catch (thrown) {
    stop.throwIfAborted();
    if (thrown instanceof UsageError) throw thrown;
    const what = thrown instanceof Error ? thrown.message : String(thrown);
    complain(`not resolved: ${what}`);
    complain("what follows is the naming context's reference");
    return { description: describeReference(text), isWhole: false };
  }
}

async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { words, flags, strings, orb } = readArguments("ior", args, {
    json: { type: "boolean" },
    probe: { type: "boolean" },
    timeout: { type: "string" },
    ws: { type: "string" },
  });
  const timeoutMs = readSeconds("ior", "--timeout", strings["timeout"] ?? "3");
  const { ws } = strings;
  if (ws !== undefined && (!flags.has("probe") || !/^wss?:\/\/[^/]/.test(ws))) {
    throw new UsageError(`ior: --ws ${ws}: a URL of ws: or wss: is needed, and --probe`);
  }
  const [argument] = words;
  if (argument === undefined || words.length > 1) {
    throw new UsageError(`ior: exactly one reference is needed, not ${words.length}`);
  }
  const { print, stop } = surroundings;
  const text = await referenceText("ior", argument);
  const { description, isWhole } = await describe(text, orb, surroundings);
  const probe = flags.has("probe")
    ? await probeReference(description, {
        timeoutMs,
        signal: stop,
        ...(ws === undefined ? {} : { webSocketUrl: ws }),
      })
    : undefined;
  if (flags.has("json")) {
    print(toJson(probe === undefined ? description : { ...description, probe }));
  } else {
    iorLines(description).forEach((line) => print(line));
    if (probe !== undefined) probeLines(probe).forEach((line) => print(line));
  }
  return isWhole && probe?.isReached !== false ? 0 : 1;
}

/** `orbweaver ior`: what a reference says. */
export const iorCommand: Command = {
  name: "ior",
  summary: "prints what an object reference says, and with --probe why it is not reached",
  help: HELP,
  run,
};
