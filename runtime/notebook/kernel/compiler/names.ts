import ts from 'typescript'

export interface DeclaredName {
  readonly name: string
  /** Whether it is there at run time; types are not. */
  readonly value: boolean
  readonly writable: boolean
}

const has = (node: ts.Node, kind: ts.SyntaxKind): boolean =>
  ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) ?? false)

const boundNames = (name: ts.BindingName): string[] =>
  ts.isIdentifier(name)
    ? [name.text]
    : name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(element.name) : []))

const importedNames = ({ importClause: clause }: ts.ImportDeclaration): DeclaredName[] => {
  if (!clause) return []
  const bindings = clause.namedBindings
  const whole = [clause.name, bindings && ts.isNamespaceImport(bindings) ? bindings.name : undefined]
  const named = bindings && ts.isNamedImports(bindings) ? [...bindings.elements] : []
  const imported = (id: ts.Identifier, typeOnly: boolean) => ({
    name: id.text,
    value: !clause.isTypeOnly && !typeOnly,
    writable: false,
  })
  return [
    ...whole.flatMap((id) => (id ? [imported(id, false)] : [])),
    ...named.map(({ name, isTypeOnly }) => imported(name, isTypeOnly)),
  ]
}

/** The names that a top-level statement declares. */
export function declaredNames(statement: ts.Statement): DeclaredName[] {
  const ambient = has(statement, ts.SyntaxKind.DeclareKeyword)
  if (ts.isVariableStatement(statement)) {
    const { declarations, flags } = statement.declarationList
    // `using` is Let and Const at once.
    const writable = (flags & ts.NodeFlags.Const) === 0 && (flags & ts.NodeFlags.Using) === 0
    const names = declarations.flatMap(({ name }) => boundNames(name))
    return names.map((name) => ({ name, value: !ambient, writable }))
  }
  if (ts.isImportDeclaration(statement)) return importedNames(statement)
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
    const value = !ambient && (ts.isClassDeclaration(statement) || statement.body !== undefined)
    return statement.name ? [{ name: statement.name.text, value, writable: true }] : []
  }
  if (ts.isEnumDeclaration(statement)) return [{ name: statement.name.text, value: !ambient, writable: false }]
  if (ts.isModuleDeclaration(statement))
    return ts.isIdentifier(statement.name) && (statement.flags & ts.NodeFlags.GlobalAugmentation) === 0
      ? [{ name: statement.name.text, value: !ambient, writable: false }]
      : []
  if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement))
    return [{ name: statement.name.text, value: false, writable: false }]
  return []
}

/** Whether a top-level statement exports what it declares by itself. */
export const isExported = (statement: ts.Statement): boolean => has(statement, ts.SyntaxKind.ExportKeyword)

/** Whether `id` is the name of a member, a label or a declaration, rather than a use of a variable. */
const isName = (id: ts.Identifier): boolean => {
  const { parent } = id
  if (ts.isPropertyAccessExpression(parent)) return parent.name === id
  if (ts.isBindingElement(parent)) return parent.name === id || parent.propertyName === id
  if (ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent) || ts.isEnumMember(parent))
    return parent.name === id
  if (ts.isShorthandPropertyAssignment(parent)) return parent.name === id
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent)) return parent.name === id
  return (
    ts.isFunctionLike(parent) ||
    ts.isTypeParameterDeclaration(parent) ||
    ts.isLabeledStatement(parent) ||
    ts.isBreakOrContinueStatement(parent) ||
    ts.isMetaProperty(parent) ||
    ts.isQualifiedName(parent) ||
    ts.isImportAttribute(parent)
  )
}

const isDeclarationName = (id: ts.Identifier): boolean => {
  const { parent } = id
  return (
    (ts.isClassLike(parent) || ts.isEnumDeclaration(parent) || ts.isModuleDeclaration(parent)) && parent.name === id
  )
}

/** Whether an identifier reads or writes a variable. */
export const isReference = (id: ts.Identifier): boolean => {
  if (!id.parent || isDeclarationName(id)) return false
  // An arrow function's body may be a lone identifier, which is no name.
  if (ts.isArrowFunction(id.parent)) return id.parent.body === id
  return !isName(id)
}
