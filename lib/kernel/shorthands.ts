// Lets a cell write `{ lr }` for a variable of an earlier cell. tslab turns such variables into `exports.lr` but overlooks
// shorthand properties, so they are written out, `{ lr: exports.lr }`, before it looks.
import type TypeScript from '@tslab/typescript-for-tslab';
import type { Ts } from './typescript.ts';

/** Where tslab keeps the declarations of earlier cells. */
const EARLIER_CELLS = '__prev__.d.ts';

/** The syntax transformation, for the step from TypeScript to ECMAScript. */
export function expandShorthands(
  ts: Ts,
  checker: TypeScript.TypeChecker,
): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return (context) => {
    const { factory } = context;
    const fromEarlierCell = (node: TypeScript.ShorthandPropertyAssignment) =>
      checker
        .getShorthandAssignmentValueSymbol(node)
        ?.declarations?.some((declaration) => declaration.getSourceFile().fileName.endsWith(EARLIER_CELLS));
    const visit = (node: TypeScript.Node): TypeScript.Node => {
      if (!ts.isShorthandPropertyAssignment(node) || !fromEarlierCell(node))
        return ts.visitEachChild(node, visit, context);
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
