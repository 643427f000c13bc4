import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { BorrowedSettings, type ControlGroups, type SettingFiles } from "../../native/index.ts";
import type { Listener, Logger, Transport } from "../../orb/index.ts";
import type { QosdConfig } from "./config.ts";
import { removeLeftGroups } from "./group-tree.ts";
import { systemRefused } from "./keeper.ts";

/** Milliseconds for cleaning up after a daemon that was killed. */
const LOCK_WITHIN_MS = 2_000;
/** Milliseconds between two attempts. */
const LOOK_AGAIN_MS = 20;

/** The daemon cannot start; the message says what is allowed. */
export class QosConfigError extends Error {
  override readonly name: string = "QosConfigError";
}

/** What of the daemon's options is needed here. */
export interface HoldOptions {
  readonly config: Pick<QosdConfig, "group" | "socket">;
  readonly logger: Logger;
  /** Settings of the whole machine; the kernel's where left out. */
  readonly settingFiles?: SettingFiles;
  /** Where settings are kept that are changed; beside the socket where left out. */
  readonly stateFile?: string;
}

/** What one daemon of a group's name has alone: the name, and settings of the machine that it changes. */
export interface Hold {
  /** Groups of an earlier daemon that were removed. */
  readonly leftGroups: number;
  readonly settings: BorrowedSettings;
  /** Settings that cannot be given back are told, and stay for the next daemon. */
  readonly close: () => Promise<void>;
}

/**
 * Holds the host's one daemon of this name: a socket in the system's memory, which ends with the process
 * that opened it, however it ends. It may be that of a guard that cleans up: this waits for it.
 */
async function lock(transport: Transport, group: string): Promise<Listener> {
  const path = `\0orbweaver-qosd/${group}`;
  for (const end = performance.now() + LOCK_WITHIN_MS; ; ) {
    try {
      return await transport.listen({ host: "", port: 0, path }, (channel) => channel.destroy());
    } catch (cause) {
      if (performance.now() >= end)
        throw new QosConfigError(`a daemon keeps the groups "${group}" of this host already`, {
          cause,
        });
      await wait(LOOK_AGAIN_MS);
    }
  }
}

/** @throws QosConfigError when the state file is another user's */
function borrow({ config, logger, settingFiles, stateFile }: HoldOptions): BorrowedSettings {
  const file = stateFile ?? join(dirname(config.socket), `${config.group}.settings.json`);
  try {
    const { settings, restored } = BorrowedSettings.open(file, settingFiles);
    if (restored > 0)
      logger.warn("settings that an earlier daemon had changed are as they were", {
        settings: restored,
      });
    return settings;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new QosConfigError(`settings of an earlier daemon cannot be read: ${why}`, { cause });
  }
}

async function removeLeft(groups: ControlGroups, { config, logger }: HoldOptions): Promise<number> {
  try {
    const left = await removeLeftGroups(groups, config.group);
    if (left > 0)
      logger.warn("groups of an earlier daemon were there and are removed", { groups: left });
    return left;
  } catch (thrown) {
    throw systemRefused(thrown);
  }
}

/**
 * Takes what one daemon has alone, and puts right what an earlier one left that was killed: its groups first, since
 * others cannot have their cores back as long as these are there.
 * @throws QosConfigError when a daemon has it; Qos.SystemRefused
 */
export async function hold(
  transport: Transport,
  groups: ControlGroups,
  options: HoldOptions,
): Promise<Hold> {
  const { config, logger } = options;
  const held = await lock(transport, config.group);
  try {
    const leftGroups = await removeLeft(groups, options);
    const settings = borrow(options);
    return {
      leftGroups,
      settings,
      close: () => {
        const files = settings.close();
        if (files.length > 0) logger.error("settings could not be given back", { files });
        return held.close();
      },
    };
  } catch (thrown) {
    await held.close();
    throw thrown;
  }
}
