// Lets a cell write `{ lr }` for a variable of an earlier cell, and `{ lr: rate }` to take a value's part. tslab turns
// identifiers that an earlier cell declared into `exports.lr`. It overlooks shorthand properties, so they are written out,
// `{ lr: exports.lr }`, before it looks; and it takes the names of properties for variables where a pattern's value has a
// type of an earlier cell, so they are replaced by names that it knows nothing of.
import type TypeScript from '@tslab/typescript-for-tslab';
import type { Ts } from './typescript.ts';

/** Where tslab keeps the declarations of earlier cells. */
const EARLIER_CELLS = '__prev__.d.ts';

/** The syntax transformation, for the step from TypeScript to ECMAScript. */
export function settlePropertyNames(
  ts: Ts,
  checker: TypeScript.TypeChecker,
): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return (context) => {
    const { factory } = context;
    const fromEarlierCell = (node: TypeScript.ShorthandPropertyAssignment) =>
      checker
        .getShorthandAssignmentValueSymbol(node)
        ?.declarations?.some((declaration) => declaration.getSourceFile().fileName.endsWith(EARLIER_CELLS));
    const visitChildren = <N extends TypeScript.Node>(node: N) => ts.visitEachChild(node, visit, context);
    /** The same name without the place in the cell by which tslab would look it up. */
    const bare = (name: TypeScript.Identifier) => ts.setTextRange(factory.createIdentifier(name.text), name);
    const visit = (node: TypeScript.Node): TypeScript.Node => {
      if (ts.isBindingElement(node) && node.propertyName && ts.isIdentifier(node.propertyName)) {
        const { dotDotDotToken, propertyName, name, initializer } = visitChildren(node);
        const same = bare(propertyName as TypeScript.Identifier);
        return factory.updateBindingElement(node, dotDotDotToken, same, name, initializer);
      }
      if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) {
        const { name, initializer } = visitChildren(node);
        return factory.updatePropertyAssignment(node, bare(name as TypeScript.Identifier), initializer);
      }
      if (!ts.isShorthandPropertyAssignment(node) || !fromEarlierCell(node)) return visitChildren(node);
      const variable = factory.createPropertyAccessExpression(
        factory.createIdentifier('exports'),
        node.name.text,
      );
      const byDefault = node.objectAssignmentInitializer;
      const value = byDefault
        ? factory.createAssignment(variable, ts.visitNode(byDefault, visit) as TypeScript.Expression)
        : variable;
      return ts.setTextRange(
        factory.createPropertyAssignment(factory.createIdentifier(node.name.text), value),
        node,
      );
    };
    return (file) => ts.visitNode(file, visit) as TypeScript.SourceFile;
  };
}
