import ts from 'typescript'
import { declaredNames, isReference } from './names.ts'

// A cell becomes the body of an async function. What it declares stays local to it, at full speed, and is published
// as accessors on the session's scope; what earlier cells declared is read and written through these accessors. So a
// name always means its newest declaration, and a redeclared one is released with the cell that made it.

const { factory } = ts
/** The cell's surroundings, the function's one parameter. */
const surroundings = '__polku'
const member = (name: string) => factory.createPropertyAccessExpression(factory.createIdentifier(surroundings), name)
const call = (name: string, args: readonly ts.Expression[]) =>
  factory.createCallExpression(member(name), undefined, args)
const scoped = (name: string) => factory.createPropertyAccessExpression(member('scope'), name)
const arrow = (params: readonly string[], body: ts.ConciseBody) =>
  factory.createArrowFunction(
    undefined,
    undefined,
    params.map((name) => factory.createParameterDeclaration(undefined, undefined, name)),
    undefined,
    undefined,
    body,
  )

/** `__polku.publish('x', () => x, (value) => x = value)`; a constant has no setter. */
const publish = (name: string, value: ts.Expression, writable: boolean) => {
  const assign = factory.createAssignment(factory.createIdentifier(name), factory.createIdentifier('__value'))
  const args = [factory.createStringLiteral(name), arrow([], value)]
  return factory.createExpressionStatement(
    call('publish', writable ? [...args, arrow(['__value'], factory.createParenthesizedExpression(assign))] : args),
  )
}

/** `import('x', { with: … })`. JSON needs not say that it is. */
const dynamicImport = ({ attributes }: ts.ImportDeclaration, specifier: ts.Expression): ts.Expression => {
  const declared =
    attributes?.elements.map(({ name, value }) => factory.createPropertyAssignment(name.text, value)) ?? []
  const json = declared.length === 0 && ts.isStringLiteral(specifier) && /\.json$/.test(specifier.text)
  const kinds = json ? [factory.createPropertyAssignment('type', factory.createStringLiteral('json'))] : declared
  const options = factory.createObjectLiteralExpression([
    factory.createPropertyAssignment('with', factory.createObjectLiteralExpression(kinds)),
  ])
  // The factory's way to say `import(…)`.
  const importer = factory.createToken(ts.SyntaxKind.ImportKeyword) as unknown as ts.Expression
  return factory.createCallExpression(importer, undefined, kinds.length > 0 ? [specifier, options] : [specifier])
}

/** An import as a call, and the publication of what it binds. */
const importStatements = (statement: ts.ImportDeclaration, index: number): ts.Statement[] => {
  const clause = statement.importClause
  if (clause?.isTypeOnly) return []
  const specifier = statement.moduleSpecifier
  const module = `__module${index}`
  const imported = factory.createAwaitExpression(call('wait', [dynamicImport(statement, specifier)]))
  if (!clause)
    return [ts.setOriginalNode(ts.setTextRange(factory.createExpressionStatement(imported), statement), statement)]
  const from = (name: string) =>
    factory.createElementAccessExpression(factory.createIdentifier(module), factory.createStringLiteral(name))
  const bindings = clause.namedBindings
  const declared = factory.createVariableStatement(
    undefined,
    factory.createVariableDeclarationList(
      [factory.createVariableDeclaration(module, undefined, undefined, imported)],
      ts.NodeFlags.Const,
    ),
  )
  return [
    ts.setTextRange(declared, statement),
    ...(clause.name ? [publish(clause.name.text, from('default'), false)] : []),
    ...(bindings && ts.isNamespaceImport(bindings)
      ? [publish(bindings.name.text, factory.createIdentifier(module), false)]
      : []),
    ...(bindings && ts.isNamedImports(bindings)
      ? bindings.elements
          .filter((element) => !element.isTypeOnly)
          .map((element) => publish(element.name.text, from((element.propertyName ?? element.name).text), false))
      : []),
  ]
}

const isImportBinding = (symbol: ts.Symbol | undefined): boolean =>
  symbol?.declarations?.some((declaration) => ts.findAncestor(declaration, ts.isImportDeclaration)) ?? false

/** Whether an identifier means something outside the cell's own code: an earlier declaration, or an import. */
const meansScope = (id: ts.Identifier, checker: ts.TypeChecker, earlier: ReadonlySet<string>): boolean => {
  const symbol = ts.isShorthandPropertyAssignment(id.parent)
    ? checker.getShorthandAssignmentValueSymbol(id.parent)
    : checker.getSymbolAtLocation(id)
  if (isImportBinding(symbol)) return true
  return earlier.has(id.text) && !symbol?.declarations?.length
}

const isImportMeta = (node: ts.Node): boolean =>
  ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword

/** `export` and `default` before a top-level declaration. */
const isExportModifier = ({ kind, parent }: ts.Node): boolean =>
  (kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DefaultKeyword) &&
  parent?.parent !== undefined &&
  ts.isSourceFile(parent.parent)

/** What waits, waits so that it can be interrupted. */
const waiting = (node: ts.Node): ts.Node => {
  if (ts.isAwaitExpression(node)) return factory.updateAwaitExpression(node, call('wait', [node.expression]))
  if (!ts.isForOfStatement(node) || !node.awaitModifier) return node
  const iterated = call('iterate', [node.expression])
  return factory.updateForOfStatement(node, node.awaitModifier, node.initializer, iterated, node.statement)
}

/** Makes a cell's source the body of its function. `earlier` are the names that the session's scope has. */
export const cellTransformer =
  (checker: ts.TypeChecker, earlier: ReadonlySet<string>): ts.TransformerFactory<ts.SourceFile> =>
  (context) => {
    const rewriteIdentifier = (id: ts.Identifier): ts.Node => {
      if (!isReference(id) || !meansScope(id, checker, earlier)) return id
      const access = ts.setTextRange(ts.setOriginalNode(scoped(id.text), id), id)
      // `f()` must not become a method call.
      const called =
        (ts.isCallExpression(id.parent) && id.parent.expression === id) ||
        (ts.isTaggedTemplateExpression(id.parent) && id.parent.tag === id)
      if (!called) return access
      // V8 places such a call at its parenthesis; without trailing places that is still the name.
      const named = ts.setEmitFlags(access, ts.EmitFlags.NoTrailingSourceMap)
      const bare = factory.createParenthesizedExpression(factory.createComma(factory.createNumericLiteral(0), named))
      return ts.setEmitFlags(ts.setSourceMapRange(bare, id), ts.EmitFlags.NoTrailingSourceMap)
    }

    const visit = (node: ts.Node): ts.Node | undefined => {
      if (isExportModifier(node)) return undefined
      if (ts.isIdentifier(node)) return rewriteIdentifier(node)
      if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return node
      if (isImportMeta(node)) return member('meta')
      if (ts.isShorthandPropertyAssignment(node) && meansScope(node.name, checker, earlier)) {
        const value = scoped(node.name.text)
        const initial = ts.visitNode(node.objectAssignmentInitializer, visit, ts.isExpression)
        return factory.createPropertyAssignment(
          node.name.text,
          initial ? factory.createAssignment(value, initial) : value,
        )
      }
      return waiting(ts.visitEachChild(node, visit, context))
    }

    const published = (statement: ts.Statement): ts.Statement[] =>
      declaredNames(statement)
        .filter(({ value }) => value)
        .map(({ name, writable }) => publish(name, factory.createIdentifier(name), writable))

    return (file) => {
      const imports = file.statements.filter(ts.isImportDeclaration).flatMap(importStatements)
      const own = file.statements.filter((statement) => !ts.isImportDeclaration(statement)).flatMap(withoutExport)
      const last = own.at(-1)
      const functions = own.filter(ts.isFunctionDeclaration).flatMap(published)
      const body = own.flatMap((statement) => {
        // One statement in, one out: `visit` replaces statements by statements.
        const visited = ts.visitNode(statement, visit) as ts.Statement
        if (statement === last && ts.isExpressionStatement(visited))
          return [ts.setTextRange(factory.createExpressionStatement(call('result', [visited.expression])), statement)]
        return ts.isFunctionDeclaration(statement) ? [visited] : [visited, ...published(statement)]
      })
      return factory.updateSourceFile(file, [...functions, ...imports, ...body])
    }
  }

/** A top-level statement as it would stand without `export`. */
function withoutExport(statement: ts.Statement): ts.Statement[] {
  if (ts.isExportDeclaration(statement)) return []
  if (ts.isExportAssignment(statement))
    return [ts.setTextRange(factory.createExpressionStatement(statement.expression), statement)]
  return [statement]
}
