import type { InterfaceDcl } from "../model/index.ts";
import {
  call,
  flavourOf,
  Names,
  OutputFile,
  quoted,
  type Scope,
  type Scopes,
} from "../plan/index.ts";
import { type Call, parametersOf, resultType } from "./operations.ts";
import { allCallsOf } from "./stubs.ts";
import type { EmittedFile } from "./emitted.ts";
import { bodyOf } from "./writer.ts";

/** Where scaffolds go; both absolute, with `/` between parts. */
export interface ScaffoldFolders {
  readonly scaffoldDir: string;
  readonly outputDir: string;
}

/** Scaffolds are run by the runtime's users: they import what users import. */
const ORB = "orbweaver/orb";

function methodText(file: OutputFile, of: Call): string {
  const parameters = parametersOf(file, of).map((p) => ["_", p.name, ": ", p.type].join(""));
  const result = [file.global("Promise"), "<", resultType(file, of), ">"].join("");
  const name = quoted([...of.owner.scopedName, of.wire].join("::"));
  const error = call(file.import(ORB, "NO_IMPLEMENT"), name);
  return bodyOf((w) => {
    w.write([call(of.method, ...parameters), ": ", result].join(""))
      .space()
      .inlineBlock(() => {
        w.write(["return ", file.global("Promise"), ".reject(new ", error, ");"].join(""));
      });
  });
}

/** A servant to start from: a class whose operations all throw NO_IMPLEMENT. `path` is below the scaffold folder. */
function scaffoldText(file: OutputFile, owner: InterfaceDcl, name: string): string {
  const skeleton = file.refer(owner, "skeleton", "value");
  const methods = allCallsOf(owner).map((of) => methodText(file, of));
  const declared = bodyOf((w) => {
    w.write(["/** A servant of ", owner.scopedName.join("::"), ". */"].join("")).newLine();
    w.write(["export class", name, "extends", skeleton].join(" "))
      .space()
      .inlineBlock(() => w.write(methods.join("\n\n")))
      .newLine();
  });
  return [...file.imports(), "", declared].join("\n");
}

/** One file for each interface that can have servants of its own: `M/I.ts` for `M::I`. */
export function scaffolds(
  scopes: Scopes,
  folders: ScaffoldFolders,
  extension: string,
): readonly EmittedFile[] {
  const owners = scopes.all.flatMap((scope) =>
    scope.isEmitted && scope.owner?.kind === "interface" && flavourOf(scope.owner) === "plain"
      ? [{ scope, owner: scope.owner }]
      : [],
  );
  return owners.map(({ scope, owner }) => {
    const path = owner.scopedName.join("/");
    const names = new Names();
    const name = names.claim("the class", owner.name);
    const home: Scope = {
      ...scope,
      path: `${folders.scaffoldDir}/${path}`,
      names,
      isEmitted: false,
    };
    const file = new OutputFile(home, scopes, extension, `${folders.outputDir}/`);
    return { path: `${path}.ts`, text: scaffoldText(file, owner, name), sources: scope.sources };
  });
}
