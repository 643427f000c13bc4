import type { ProbeLimits } from "../../orb/index.ts";
import { Conversation } from "./conversation.ts";
import { type Finding, finding } from "./finding.ts";
import type { Network } from "./network.ts";
import type { AddressProbe } from "./probe-address.ts";
import type { ProbeTarget } from "./targets.ts";

/** Why nobody was connected to at a socket, by the system's code. */
function judgeFailure(path: string, code: string): Finding {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return finding("noSocket", `There is no ${path} on this machine.`);
    case "ECONNREFUSED":
      return finding("staleSocket", `${path} is there, but no server listens at it.`);
    case "EACCES":
    case "EPERM":
      return finding("noAccess", `The user that runs this program may not use ${path} (${code}).`);
    case "EAGAIN":
    case "ETIMEDOUT":
      return finding(
        "noAnswer",
        `The server at ${path} takes no connections: those that wait for it fill its queue.`,
      );
    default:
      return finding("unreachable", `${path} cannot be connected to: ${code}.`);
  }
}

/** Tries a UNIX-domain socket: whether it is of this machine, a connection, then the object. */
export async function probeSocket(
  target: ProbeTarget,
  path: string,
  network: Network,
  limits: ProbeLimits,
): Promise<AddressProbe> {
  const { host, port, from } = target;
  const steps: string[] = [];
  const common = { host, port, path, from, steps, notes: [], forwardedTo: undefined };
  const here = network.hostname();
  if (host !== here) {
    const what = `The socket ${path} is one of the machine ${host}, and this one is ${here}: UNIX-domain sockets end at their machine.`;
    return { ...common, finding: finding("otherMachine", what) };
  }
  const place = { host: "", port: 0, path, text: `unix:${path}` };
  const step = (line: string): void => void steps.push(line);
  const talk = await new Conversation(target, place, network, limits, step).run();
  if (!talk.isConnected) return { ...common, finding: judgeFailure(path, talk.code) };
  return { ...common, finding: talk.finding, forwardedTo: talk.forwardedTo };
}

/** Tries an object through a WebSocket, whatever address its reference has. */
export async function probeThrough(
  target: ProbeTarget,
  url: string,
  network: Network,
  limits: ProbeLimits,
): Promise<AddressProbe> {
  const { host, port, from } = target;
  const steps: string[] = [];
  const common = { host, port, url, from, steps, notes: [], forwardedTo: undefined };
  const step = (line: string): void => void steps.push(line);
  const talk = await new Conversation(
    target,
    { host, port, url, text: url },
    network,
    limits,
    step,
  ).run();
  if (talk.isConnected) return { ...common, finding: talk.finding, forwardedTo: talk.forwardedTo };
  const what = `${url} lets no client in: ${talk.text}.`;
  return { ...common, finding: finding("noEntrance", what) };
}
