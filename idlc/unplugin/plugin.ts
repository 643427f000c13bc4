import { createUnplugin, type UnpluginInstance, type UnpluginMessage } from "unplugin";
import { type Diagnostic, placeOf, renderDiagnostic } from "../index.ts";
import { type IdlcPluginOptions, IdlModules } from "./modules.ts";

/** Diagnostics as one message of the bundler, which points to the place of the first. */
function messageOf(diagnostics: readonly Diagnostic[]): UnpluginMessage {
  const message = diagnostics.map(renderDiagnostic).join("\n");
  const span = diagnostics.find((diagnostic) => diagnostic.span !== undefined)?.span;
  if (span === undefined) return { message };
  const { file, line, column } = placeOf(span);
  // Bundlers count columns from 0.
  return { message, loc: { file, line, column: column - 1 } };
}

/**
 * Compiles IDL files where a program imports them: `import * as Hello from "./Hello.idl"`. Nothing is
 * written to the disk.
 *
 * ```ts
 * import { idlc } from "orbweaver/idlc/unplugin";
 * await build({ entryPoints: ["main.ts"], bundle: true, plugins: [idlc.esbuild()] });
 * ```
 */
export const idlc: UnpluginInstance<IdlcPluginOptions | undefined, false> = createUnplugin(
  (options: IdlcPluginOptions | undefined) => {
    const modules = new IdlModules(options ?? {});
    return {
      name: "idlc",
      enforce: "pre",
      esbuild: { loader: "js" },
      buildStart: () => modules.forget(),
      watchChange: (file) => modules.forget(file),
      resolveId: (specifier, importer) => modules.resolve(specifier, importer),
      async load(id) {
        const loaded = await modules.load(id);
        if (loaded === undefined) return undefined;
        const { text, diagnostics, dependencies } = loaded;
        for (const file of dependencies) this.addWatchFile(file);
        const errors = diagnostics.filter(({ severity }) => severity === "error");
        const warnings = diagnostics.filter(({ severity }) => severity === "warning");
        for (const warning of warnings) this.warn(messageOf([warning]));
        if (errors.length > 0) this.error(messageOf(errors));
        return text;
      },
    };
  },
);
