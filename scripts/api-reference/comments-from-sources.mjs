import { Comment, Converter } from 'typedoc';
import ts from 'typescript';

/**
 * What documents a property in the sources and is no comment of its own:
 *
 * - of a field of a schema its `description`, which people are shown where they write a configuration;
 * - of the field that tells the members of a union apart, the comment above the member.
 */
export function takeCommentsFromSources(converter) {
  converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (reflection.hasComment()) return;
    const [declaration] = context.getSymbolFromReflection(reflection)?.declarations ?? [];
    if (declaration === undefined) return;
    const text = descriptionOf(declaration, context.checker) ?? commentOfMember(declaration);
    if (text === undefined) return;
    reflection.comment = new Comment([{ kind: 'text', text }]);
    // Of a schema's field, that is the schema.
    delete reflection.defaultValue;
  });
}

function descriptionOf(declaration, checker) {
  return ts.isPropertyAssignment(declaration) ? schemaDescription(declaration.initializer, checker) : undefined;
}

/** The description in `Type.String({ description })`, `annotated(Type.…)`, `field('Title', 'Description')` and the like. */
function schemaDescription(expression, checker) {
  if (ts.isIdentifier(expression)) {
    const initializer = definition(expression, checker)?.initializer;
    return initializer && schemaDescription(initializer, checker);
  }
  if (ts.isObjectLiteralExpression(expression)) {
    const property = expression.properties.find((one) => one.name?.getText() === 'description');
    const value = property && ts.isPropertyAssignment(property) ? property.initializer : undefined;
    return value && textOf(value);
  }
  if (!ts.isCallExpression(expression)) return undefined;
  const parameters = checker.getResolvedSignature(expression)?.parameters ?? [];
  const named = expression.arguments[parameters.findIndex(({ name }) => name === 'description')];
  if (named) return textOf(named);
  return expression.arguments.map((one) => schemaDescription(one, checker)).find((one) => one !== undefined);
}

/** A text in the sources, also one that is put together from several. */
function textOf(expression) {
  if (ts.isStringLiteralLike(expression)) return expression.text;
  if (!ts.isBinaryExpression(expression)) return undefined;
  const [left, right] = [textOf(expression.left), textOf(expression.right)];
  return left === undefined || right === undefined ? undefined : `${left}${right}`;
}

function definition(identifier, checker) {
  const symbol = checker.getSymbolAtLocation(identifier);
  const target = symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const declaration = target?.valueDeclaration;
  return declaration && ts.isVariableDeclaration(declaration) ? declaration : undefined;
}

function commentOfMember(declaration) {
  const member = declaration.parent;
  if (!ts.isPropertySignature(declaration) || !ts.isTypeLiteralNode(member) || !ts.isUnionTypeNode(member.parent))
    return undefined;
  if (declaration.type === undefined || !ts.isLiteralTypeNode(declaration.type)) return undefined;
  const text = member.getSourceFile().text;
  // It stands before the `|` that leads to the member.
  const before = member.parent.types[member.parent.types.indexOf(member) - 1]?.end ?? member.parent.pos;
  const comment = ts.getLeadingCommentRanges(text, before)?.at(-1);
  if (comment === undefined || !text.startsWith('/**', comment.pos)) return undefined;
  return text
    .slice(comment.pos + 3, comment.end - 2)
    .replaceAll(/^\s*\* ?/gm, '')
    .trim();
}
