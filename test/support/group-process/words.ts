import type { ReplicationOptions } from "../../../orb/index.ts";
import type { GroupSettings, MemberTimes } from "../../../services/group/index.ts";
import type { Entry } from "../../../services/replication/index.ts";

/** What a process of a replicated bank is started with: one JSON argument. */
export interface ProgramOptions {
  readonly site: string;
  /** Where it is reached; 127.0.0.1 where absent. */
  readonly host?: string;
  /** Of clients, and of the other hosts; 0: the system chooses. */
  readonly port?: number;
  readonly hostPort?: number;
  /** The port that the other hosts are to connect to, where a proxy stands before it. */
  readonly publishedHostPort?: number;
  /** Where absent the POA has the group's gate itself, and clients are not sent to other replicas. */
  readonly policy?: ReplicationOptions;
  readonly settings?: Partial<GroupSettings>;
  readonly times?: Partial<MemberTimes>;
  readonly ballastOctets?: number;
  /** For so long nothing else runs in the process when its servant adds. */
  readonly stallMs?: number;
  /** Address of the group's witness. */
  readonly witness?: string;
  readonly digestEvery?: number;
  /** Where the log, or the votes of a witness, are kept. */
  readonly folder?: string;
}

/** A line of its input. */
export type Order =
  | { readonly do: "join"; readonly entry: Entry }
  | { readonly do: "handOver"; readonly to: string }
  | { readonly do: "books" }
  | { readonly do: "leave" };

/** A line of its output. */
export type Said =
  | { readonly said: "host"; readonly address: string }
  | { readonly said: "open"; readonly reference: string; readonly own: string }
  | {
      readonly said: "standing";
      readonly self: string;
      readonly at: string;
      readonly view: number;
      readonly primary: string;
      readonly members: readonly string[];
    }
  /** What its own servant has, and how many requests it answered with another replica's address. */
  | {
      readonly said: "books";
      readonly tokens: readonly string[];
      readonly balances: Readonly<Record<string, string>>;
      readonly sentCount: number;
    }
  | { readonly said: "rejoining" }
  | { readonly said: "diverged"; readonly fault: string }
  | { readonly said: "failed"; readonly error: string }
  | {
      readonly said: "log";
      readonly level: string;
      readonly message: string;
      readonly fields: string;
    };
