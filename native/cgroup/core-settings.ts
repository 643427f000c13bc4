import { readCoreList, writeCoreList } from "./core-list.ts";
import { readFile, type SettingFile, type SettingTable, writeFile } from "./settings.ts";

function listIn(name: string): SettingFile<readonly number[]> {
  return {
    controller: "cpuset",
    files: [name],
    set: (files, file, numbers) => writeFile(files, file, `${writeCoreList(numbers)}\n`),
    get: (files, file) => readCoreList(readFile(files, file)),
  };
}

/** Cores and memory nodes: the files of versions 1 and 2 are alike. */
export const CORE_SETTINGS: Pick<SettingTable, "cores" | "memoryNodes"> = {
  cores: listIn("cpuset.cpus"),
  memoryNodes: listIn("cpuset.mems"),
};
