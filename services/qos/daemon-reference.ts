import { hostname } from "node:os";
import { CdrOutput } from "../../orb/generated.ts";
import { Qos } from "../admission/index.ts";

/** The daemon's object key. */
export const DAEMON_KEY = "QosDaemon";
/** Where the daemon listens when nothing else is said. */
export const DEFAULT_SOCKET = "/run/orbweaver/qosd.sock";

const TAG_INTERNET_IOP = 0;
/** A UNIX-domain socket as omniORB's references name it. */
const TAG_OMNIORB_UNIX_TRANS = 0x4154_5402;
const GIOP_MINOR = 2;

/** The IOR of the daemon that listens at a socket of this machine: corbaloc has no scheme for those. */
export function daemonIor(socket: string): string {
  const host = hostname();
  const out = new CdrOutput({ littleEndian: true });
  out.octet(1).string(Qos.Daemon.repositoryId).ulong(1).ulong(TAG_INTERNET_IOP);
  out.encapsulation((profile) => {
    profile.octet(1).octet(GIOP_MINOR).string(host).ushort(0);
    profile.octetSequence(Buffer.from(DAEMON_KEY, "latin1"));
    profile.ulong(1).ulong(TAG_OMNIORB_UNIX_TRANS);
    profile.encapsulation((component) => component.string(host).string(socket));
  });
  return `IOR:${Buffer.from(out.finish()).toString("hex")}`;
}
