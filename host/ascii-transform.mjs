// SPDX-License-Identifier: MIT
// A compiler transform for text in the module. AssemblyScript keeps a string literal as UTF-16 behind an object header;
// a web page costs twice its size that way. This turns a top-level
//   const PAGE: usize = ascii('<!doctype html>…');
// into the address of the same text, one octet a character and a zero at its end:
//   const PAGE: usize = memory.data<u8>([60, 33, …, 0]);
// Only there: an `ascii` anywhere else does not compile, because no such function exists.
import { Node, NodeKind } from 'assemblyscript';
import { Transform } from 'assemblyscript/transform';

export default class AsciiTransform extends Transform {
  afterParse(parser) {
    for (const source of parser.sources) {
      if (source.isLibrary) continue;
      for (const statement of source.statements) {
        if (statement.kind !== NodeKind.Variable) continue;
        for (const declaration of statement.declarations) {
          const call = declaration.initializer;
          if (call?.kind !== NodeKind.Call || call.expression.text !== 'ascii') continue;
          declaration.initializer = octets(call.args[0].value, call.range);
        }
      }
    }
  }
}

/** The expression `memory.data<u8>([…text, 0])`. */
function octets(text, range) {
  const identifier = (name) => Node.createIdentifierExpression(name, range);
  const integer = (value) => Node.createIntegerLiteralExpression(globalThis.i64_new(value, 0), range);
  const codes = [...text].map((character) => character.codePointAt(0));
  if (codes.some((code) => code > 126)) throw new Error(`ascii(): not ASCII: ${text}`);
  return Node.createCallExpression(
    Node.createPropertyAccessExpression(identifier('memory'), identifier('data'), range),
    [Node.createNamedType(Node.createSimpleTypeName('u8', range), null, false, range)],
    [Node.createArrayLiteralExpression([...codes, 0].map(integer), range)],
    range,
  );
}
