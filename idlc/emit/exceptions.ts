import { StructureKind } from "ts-morph";
import type { ExceptionDcl } from "../model/index.ts";
import {
  call,
  exceptionProperties,
  isText,
  member,
  objectLiteral,
  objectType,
  type OutputFile,
  quoted,
} from "../plan/index.ts";
import {
  codecPair,
  constant,
  memberThunk,
  readMembers,
  runtimeStatement,
  typeCodeConstant,
  writeMembers,
} from "./data.ts";
import { about, docs } from "./docs.ts";
import { typeText } from "./types.ts";
import { bodyOf, type Statement } from "./writer.ts";

/** The properties of an exception's class. */
function propertiesOf(item: ExceptionDcl): readonly string[] {
  return exceptionProperties(
    item.members.map((m) => m.name),
    (index) => {
      const at = item.members[index];
      return at !== undefined && isText(at.type);
    },
  );
}

function classStatement(
  file: OutputFile,
  item: ExceptionDcl,
  properties: readonly string[],
): Statement {
  const self = file.refer(item, "self", "value");
  const types = item.members.map((m) => typeText(file, m.type));
  const [members, options] = [file.local("members"), file.local("options")];
  const optional = { name: options, type: file.global("ErrorOptions"), hasQuestionToken: true };
  const given = {
    name: members,
    type: objectType(properties.map((name, index) => [name, types[index] ?? ""])),
  };
  return {
    kind: StructureKind.Class,
    isExported: true,
    name: self,
    extends: file.runtime("UserException"),
    docs: about(item),
    properties: [
      {
        name: "repositoryId",
        isStatic: true,
        isReadonly: true,
        type: "string",
        initializer: quoted(item.repositoryId),
      },
      {
        name: "repositoryId",
        hasOverrideKeyword: true,
        isReadonly: true,
        type: "string",
        initializer: quoted(item.repositoryId),
      },
      ...item.members.map((m, index) => ({
        name: properties[index] ?? m.name,
        hasOverrideKeyword: properties[index] === "message",
        isReadonly: true,
        type: types[index] ?? "",
        docs: about(m),
      })),
    ],
    ctors: [
      {
        parameters: item.members.length === 0 ? [optional] : [given, optional],
        statements: bodyOf((w) => {
          w.write(call("super", quoted(item.scopedName.join("::")), options))
            .write(";")
            .newLine();
          w.write("this.name = ").write(quoted(item.name)).write(";").newLine();
          for (const name of properties) {
            w.write(member("this", name))
              .write(" = ")
              .write(member(members, name))
              .write(";")
              .newLine();
          }
        }),
      },
    ],
  };
}

/**
 * An exception: its class, which may be the runtime's, TypeCode and codec; the codec takes the members, without the
 * repository id.
 */
export function exceptionStatements(file: OutputFile, item: ExceptionDcl): Statement[] {
  const code = typeCodeConstant(file, item, "exception", memberThunk(file, item.members));
  const own = runtimeStatement(file, item);
  const properties = propertiesOf(item);
  const self = file.refer(item, "self", "value");
  // The runtime's classes take a text; generated ones know theirs.
  const text = own === undefined ? undefined : quoted(item.scopedName.join("::"));
  const members = item.members.length === 0 ? text : readMembers(file, item.members, properties);
  const codecs = codecPair(
    file,
    item,
    writeMembers(file, item.members, properties),
    ["return new ", call(self, members), ";"].join(""),
  );
  const raises = objectLiteral([
    ["type", self],
    ["write", file.refer(item, "write", "value")],
    ["read", file.refer(item, "read", "value")],
  ]);
  return [
    own ?? classStatement(file, item, properties),
    code,
    ...codecs,
    constant(file.refer(item, "raises", "value"), file.runtimeType("Raises"), raises, {
      comment: docs("Internal: how the exception travels."),
    }),
  ];
}
