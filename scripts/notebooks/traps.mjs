// What compiles and yet fails, or hides a failure, in a cell of an unmodified tslab: our notebooks are to run there too.
import ts from 'typescript';
import { codeCells, textOf } from './sources.mjs';

const said = {
  await: 'tslab reads "await (" and "await [" as a use of something named await: await a named function',
  forAwait: 'tslab has no "for await" at the top level of a cell: put the loop into a function',
  export: 'a cell cannot export: leave the word out, as later cells see its declarations anyway',
  directive: 'hides errors, and with them that a cell awaits: mend the type instead',
};

/**
 * The traps in the code cells of a notebook.
 * @returns {{cell: number, line: number, text: string}[]} cell (code cells only) and line count from 1
 */
export function traps(notebook) {
  return codeCells(notebook).flatMap((code, i) => {
    const text = textOf(code);
    // The compiler knows a top-level await only in a module.
    const file = ts.createSourceFile('cell.ts', `${text}\nexport {};`, ts.ScriptTarget.Latest, true);
    const found = [];
    const add = (position, what) =>
      found.push({ cell: i + 1, line: file.getLineAndCharacterOfPosition(position).line + 1, text: what });
    const visit = (node) => {
      if (ts.isExportDeclaration(node) || ts.isExportAssignment(node) || isExported(node))
        add(node.getStart(), said.export);
      if (ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node)) return; // Its own awaits are well.
      if (ts.isAwaitExpression(node) && /^[([]/.test(node.expression.getText(file)))
        add(node.getStart(), said.await);
      if (ts.isForOfStatement(node) && node.awaitModifier) add(node.getStart(), said.forAwait);
      ts.forEachChild(node, visit);
    };
    file.statements.slice(0, -1).forEach(visit);
    for (const { index, 0: directive } of text.matchAll(/(?<=\/[/*].*)@ts-(ignore|nocheck|expect-error)/g))
      add(index, `${directive} ${said.directive}`);
    return found;
  });
}

function isExported(node) {
  return (
    ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}
