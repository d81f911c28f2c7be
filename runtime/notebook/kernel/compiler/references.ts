import ts from 'typescript'

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
