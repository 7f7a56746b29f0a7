// What lib/ exports, read from its syntax trees: every function, constant, type and class with its docstring, and every
// named place in it (parameter, field, result) with its type as it is written.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { libImports, root } from './sources.ts';

/** A parameter, a field of an options bag or record, or a function's result. */
export interface Place {
  /** As it is called in the source; 'result' for what a function returns. */
  readonly name: string;
  /** The type as it is written; empty where it is left to the compiler. */
  readonly type: string;
  /** The field's own docstring; empty for parameters and results. */
  readonly doc: string;
}

/** One exported declaration. */
export interface PublicDeclaration {
  /** Path below lib/ and line. */
  readonly at: string;
  readonly name: string;
  readonly kind: 'function' | 'constant' | 'type' | 'class';
  /** The docstring with its tags; empty if there is none. */
  readonly doc: string;
  /** Whether a `throw` stands in the function's own body. */
  readonly throws: boolean;
  readonly places: readonly Place[];
}

/** Every exported declaration of one module. Re-exports are listed where they are declared. */
export function declarationsIn(path: string, text: string): PublicDeclaration[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const named = new Set<string>();
  // Of an overloaded function the first signature carries the docstring.
  const first = (statement: ts.Statement) =>
    !ts.isFunctionDeclaration(statement) ||
    (!named.has(statement.name!.text) && named.add(statement.name!.text));
  return source.statements
    .filter(isExported)
    .filter(first)
    .flatMap((statement): PublicDeclaration[] => {
      const line = source.getLineAndCharacterOfPosition(statement.getStart()).line + 1;
      const common = { at: `${path}:${line}`, doc: docOf(statement), throws: throwsItself(statement) };
      if (ts.isFunctionDeclaration(statement))
        return [{ ...common, name: statement.name!.text, kind: 'function', places: callPlaces(statement) }];
      if (ts.isVariableStatement(statement))
        return statement.declarationList.declarations.map(({ name, initializer }) => {
          const value =
            initializer && ts.isSatisfiesExpression(initializer) ? initializer.expression : initializer;
          const callable = value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value));
          return {
            ...common,
            name: name.getText(),
            kind: callable ? 'function' : 'constant',
            places: callable ? callPlaces(value) : [],
          };
        });
      if (ts.isInterfaceDeclaration(statement))
        return [{ ...common, name: statement.name.text, kind: 'type', places: members(statement.members) }];
      if (ts.isTypeAliasDeclaration(statement))
        return [{ ...common, name: statement.name.text, kind: 'type', places: typePlaces(statement.type) }];
      if (ts.isClassDeclaration(statement))
        return [{ ...common, name: statement.name!.text, kind: 'class', places: [] }];
      return [];
    });
}

/** Every exported declaration of lib/. */
export function publicDeclarations(): PublicDeclaration[] {
  return [...libImports().keys()].flatMap((path) =>
    declarationsIn(path, readFileSync(join(root, 'lib', path), 'utf8')),
  );
}

function isExported(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false;
  return !!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

function docOf(node: ts.Node): string {
  return ts
    .getJSDocCommentsAndTags(node)
    .filter(ts.isJSDoc)
    .map((doc) => doc.getText())
    .join('\n');
}

/** Functions inside it count: a function that returns a throwing one says so. */
function throwsItself(node: ts.Node): boolean {
  return ts.isThrowStatement(node) || !!ts.forEachChild(node, (child) => throwsItself(child) || undefined);
}

function callPlaces(call: ts.SignatureDeclaration): Place[] {
  return [
    ...call.parameters.flatMap(({ name, type }) =>
      type && ts.isIdentifier(name) && !holdsFields(type)
        ? [{ name: name.text, type: type.getText(), doc: '' }]
        : typePlaces(type),
    ),
    ...(call.type && holdsFields(call.type)
      ? typePlaces(call.type)
      : [{ name: 'result', type: call.type?.getText() ?? '', doc: '' }]),
  ];
}

function holdsFields(type: ts.TypeNode): boolean {
  if (ts.isTypeReferenceNode(type)) return !!type.typeArguments?.some(holdsFields);
  if (ts.isIntersectionTypeNode(type) || ts.isUnionTypeNode(type)) return type.types.some(holdsFields);
  return ts.isTypeLiteralNode(type);
}

function typePlaces(type: ts.TypeNode | undefined): Place[] {
  if (!type) return [];
  if (ts.isTypeLiteralNode(type)) return members(type.members);
  if (ts.isIntersectionTypeNode(type) || ts.isUnionTypeNode(type)) return type.types.flatMap(typePlaces);
  if (ts.isTypeReferenceNode(type)) return (type.typeArguments ?? []).flatMap(typePlaces);
  return [];
}

function members(all: ts.NodeArray<ts.TypeElement>): Place[] {
  return all.filter(ts.isPropertySignature).flatMap((member) => {
    const { name, type } = member;
    if (type && holdsFields(type))
      return typePlaces(type).map((place) => ({ ...place, doc: docOf(member) + place.doc }));
    return [{ name: name.getText(), type: type?.getText() ?? '', doc: docOf(member) }];
  });
}
