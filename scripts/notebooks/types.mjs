// The code cells of notebooks as strictly typed programs, by the project's own TypeScript and tsconfig.json.
import { basename, join } from 'node:path';
import ts from 'typescript';
import { codeCells, textOf } from './sources.mjs';

/**
 * Checks the code cells of each notebook as one program, with the kernel's rules: a cell sees what the cells before it
 * declare or import, may declare such a name anew, with another type if it likes, and may await at its top level.
 *
 * Each cell becomes a module in memory at the project root, whose first line brings in what it sees and whose last line
 * exports what it declares. What is imported cannot be assigned to, so a `let` of an earlier cell is declared again
 * with its type. The library itself is left to tsc.
 *
 * @param {string} root the project's folder
 * @param {{file: string, notebook: object}[]} notebooks
 * @returns {{file: string, cell: number, line: number, text: string}[]} cell (code cells only) and line count from 1
 */
export function typeErrors(root, notebooks) {
  const modules = new Map();
  for (const { file, notebook } of notebooks)
    for (const module of cellModules(root, file, notebook)) modules.set(module.path, module);
  const host = ts.createCompilerHost(optionsOf(root));
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (path) => modules.get(path)?.text ?? readFile(path);
  host.fileExists = (path) => modules.has(path) || fileExists(path);
  host.getSourceFile = (path, version, ...rest) =>
    modules.has(path)
      ? ts.createSourceFile(path, modules.get(path).text, version, true)
      : getSourceFile(path, version, ...rest);
  const program = ts.createProgram([...modules.keys()], optionsOf(root), host);
  return [...modules.values()].flatMap(({ path, file, cell, lines }) => {
    const source = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ start = 0, code, messageText }) => ({
        file,
        cell,
        // The first line is ours; an error at the end of an unfinished cell may fall on our last one.
        line: Math.min(source.getLineAndCharacterOfPosition(start).line, lines),
        text: `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      }),
    );
  });
}

/** The project's options, less two that ask how names are imported, which cells leave to the kernel. */
function optionsOf(root) {
  const path = join(root, 'tsconfig.json');
  const { config, error } = ts.readConfigFile(path, ts.sys.readFile);
  if (error)
    throw new Error(`Cannot read ${path}: ${ts.flattenDiagnosticMessageText(error.messageText, '\n')}`);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root, path);
  return { ...options, verbatimModuleSyntax: false, isolatedModules: false };
}

function cellModules(root, file, notebook) {
  /** Per name that can be seen: the module it is from, and whether it can be assigned to. */
  const seen = new Map();
  return codeCells(notebook).map((code, i) => {
    const text = textOf(code);
    const name = `${basename(file, '.ipynb')}.cell-${i + 1}.ts`;
    const declared = declaredNames(text);
    const first = [...seen]
      .filter(([each]) => !declared.has(each))
      .map(([each, { from, assignable }]) =>
        assignable
          ? `declare let ${each}: typeof import('./${from}').${each};`
          : `import { ${each} } from './${from}';`,
      );
    for (const [each, assignable] of declared) seen.set(each, { from: name, assignable });
    return {
      path: join(root, name),
      file,
      cell: i + 1,
      lines: text.split('\n').length,
      text: `${first.join(' ')}\n${text}\nexport { ${[...declared.keys()].join(', ')} };\n`,
    };
  });
}

/** The names that a cell declares or imports at its top level, and whether a later cell may assign to each. */
function declaredNames(text) {
  const names = new Map();
  const bind = (name, assignable) => {
    if (ts.isIdentifier(name)) names.set(name.text, assignable);
    else for (const element of name.elements) if (element.name) bind(element.name, assignable);
  };
  for (const statement of ts.createSourceFile('cell.ts', text, ts.ScriptTarget.Latest).statements) {
    if (ts.isVariableStatement(statement)) {
      const { flags, declarations } = statement.declarationList;
      for (const { name } of declarations) bind(name, (flags & ts.NodeFlags.Const) === 0);
    } else if (ts.isImportDeclaration(statement)) {
      const { name, namedBindings } = statement.importClause ?? {};
      if (name) bind(name, false);
      if (namedBindings && ts.isNamespaceImport(namedBindings)) bind(namedBindings.name, false);
      else for (const element of namedBindings?.elements ?? []) bind(element.name, false);
    } else if (
      ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement) ||
      ts.isEnumDeclaration(statement)
    ) {
      if (statement.name) bind(statement.name, false);
    }
  }
  return names;
}
