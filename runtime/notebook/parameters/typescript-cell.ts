import ts from 'typescript'
import type { Parameter, ParameterItem, ParameterType, ParameterValue } from './parameters.ts'

// What Polku reads in a cell of TypeScript or JavaScript without running it.

const parse = (source: string): ts.SourceFile =>
  ts.createSourceFile('cell.ts', source, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS)

/** The parameters a cell declares: each `const` or `let` whose default is a literal. */
export function typescriptParameters(source: string): Parameter[] {
  const file = parse(source)
  const declarations = file.statements.flatMap((statement) =>
    ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : [],
  )
  return declarations.flatMap((declaration) => {
    if (!ts.isIdentifier(declaration.name) || !declaration.initializer) return []
    const value = literal(declaration.initializer)
    if (value === undefined) return []
    const type = declaration.type ? annotated(declaration.type, value) : inferred(value)
    if (!type) return []
    return [{ name: declaration.name.text, type, default: value, annotation: declaration.type?.getText(file) }]
  })
}

/** The value of a literal; undefined where the expression is none. */
function literal(node: ts.Expression): ParameterValue | undefined {
  if (ts.isArrayLiteralExpression(node)) {
    const items = node.elements.map(itemLiteral)
    return items.every((item) => item !== undefined) ? items : undefined
  }
  if (node.kind === ts.SyntaxKind.NullKeyword) return null
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node))
    return literal(node.expression)
  return itemLiteral(node)
}

function itemLiteral(node: ts.Expression): ParameterItem | undefined {
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isNumericLiteral(node)) return Number(node.text)
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false
  if (ts.isPrefixUnaryExpression(node) && ts.isNumericLiteral(node.operand)) {
    if (node.operator === ts.SyntaxKind.MinusToken) return -Number(node.operand.text)
    if (node.operator === ts.SyntaxKind.PlusToken) return Number(node.operand.text)
  }
  return undefined
}

const kindOf = (item: ParameterItem | undefined): ParameterType['kind'] =>
  typeof item === 'number' ? 'number' : typeof item === 'boolean' ? 'boolean' : 'text'

/** What a default says of its type; nothing where it is null, or a list of several kinds. */
function inferred(value: ParameterValue): ParameterType | undefined {
  if (value === null) return undefined
  const items = [value].flat()
  const kinds = new Set(items.map(kindOf))
  const [kind = 'text'] = kinds
  return kinds.size > 1 ? undefined : { kind, list: Array.isArray(value), nullable: false }
}

/** The type an annotation names; one that is a name of the notebook's own is taken from the default. */
function annotated(node: ts.TypeNode, value: ParameterValue): ParameterType | undefined {
  const members = unionOf(node)
  const nullable = members.some((part) => ts.isLiteralTypeNode(part) && part.literal.kind === ts.SyntaxKind.NullKeyword)
  const rest = members.filter(
    (part) => !(ts.isLiteralTypeNode(part) && part.literal.kind === ts.SyntaxKind.NullKeyword),
  )
  const [only] = rest
  const element = rest.length === 1 && only ? elementOf(only) : undefined
  const items = element ? unionOf(element) : rest
  const options = items.map((part) =>
    ts.isLiteralTypeNode(part) ? itemLiteral(part.literal as ts.Expression) : undefined,
  ) // a literal type holds a literal expression
  const type = { list: element !== undefined, nullable }
  if (options.length > 0 && options.every((option) => option !== undefined)) {
    const kinds = new Set(options.map(kindOf))
    const [kind = 'text'] = kinds
    return kinds.size === 1 ? { ...type, kind, options } : undefined
  }
  const [item] = items
  const kind = items.length === 1 && item ? keywordKinds[item.kind] : undefined
  if (kind) return { ...type, kind }
  const guess = inferred(value)
  return guess && { ...guess, nullable }
}

const keywordKinds: Readonly<Partial<Record<ts.SyntaxKind, ParameterType['kind']>>> = {
  [ts.SyntaxKind.NumberKeyword]: 'number',
  [ts.SyntaxKind.StringKeyword]: 'text',
  [ts.SyntaxKind.BooleanKeyword]: 'boolean',
}

function unionOf(node: ts.TypeNode): ts.TypeNode[] {
  if (ts.isParenthesizedTypeNode(node)) return unionOf(node.type)
  return ts.isUnionTypeNode(node) ? node.types.flatMap(unionOf) : [node]
}

function elementOf(node: ts.TypeNode): ts.TypeNode | undefined {
  if (ts.isParenthesizedTypeNode(node)) return elementOf(node.type)
  if (ts.isArrayTypeNode(node)) return node.elementType
  if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.ReadonlyKeyword) return elementOf(node.type)
  if (ts.isTypeReferenceNode(node) && /^(Readonly)?Array$/.test(node.typeName.getText())) return node.typeArguments?.[0]
  return undefined
}

/** Names that a cell leaves behind or changes: what it declares at its top, and what it assigns to. */
export function definedNames(source: string): Set<string> {
  const names = new Set<string>()
  const bind = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.add(name.text)
    else for (const element of name.elements) if (ts.isBindingElement(element)) bind(element.name)
  }
  const target = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.add(node.text)
    else if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) target(node.expression)
    else ts.forEachChild(node, target)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node)) bind(node.name)
    else if (ts.isImportClause(node) || ts.isImportSpecifier(node) || ts.isNamespaceImport(node)) {
      if (node.name) names.add(node.name.text)
    } else if (isNamedDeclaration(node)) {
      if (node.name) names.add(node.name.text)
    } else if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) target(node.left)
    else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
      if (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken)
        target(node.operand)
    }
    ts.forEachChild(node, visit)
  }
  visit(parse(source))
  return names
}

const isNamedDeclaration = (
  node: ts.Node,
): node is
  | ts.FunctionDeclaration
  | ts.ClassDeclaration
  | ts.EnumDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration =>
  ts.isFunctionDeclaration(node) ||
  ts.isClassDeclaration(node) ||
  ts.isEnumDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node)

const isAssignment = (kind: ts.SyntaxKind): boolean =>
  kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment

/** Names a cell mentions anywhere but as a property of something. */
export function mentionedNames(source: string): Set<string> {
  const names = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node))
      names.add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(parse(source))
  return names
}
