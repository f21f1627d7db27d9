import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { exitCodeOf, exitCodes } from '../../src/exit-codes.js';
import { StorageError } from '../../src/storage/storage.errors.js';
import type { StorageErrorCode } from '../../src/storage/storage.errors.js';

/** Stands for what the program puts into a text. */
const hole = '\u0000';

/** A text of the program as it stands in the source. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
  /** How the process ends that ends with an error of this message; null where it is no such message, or a part of one. */
  readonly exitCode: number | null;
}

/** Errors that end the process with one code each, whatever they say. */
const endings: Readonly<Record<string, number>> = {
  CorruptStateError: exitCodes.dataRefused,
  FoundingRefusedError: exitCodes.refused,
  InvariantViolation: exitCodes.failure,
  JoinRefusedError: exitCodes.refused,
  ListenError: exitCodes.portInUse,
  MalformedBytesError: exitCodes.dataRefused,
  NewerFormatError: exitCodes.dataRefused,
  RescueRefusedError: exitCodes.dataUnusable,
};

/** Elsewhere such an error gets other words before it ends anything. */
const onlyIn: Readonly<Record<string, string>> = {
  MalformedBytesError: 'backup/',
  NewerFormatError: 'state-machine/key-value-store.ts',
};

/** Every text between quotes in src/, its tests aside. */
export function sourceTexts(): SourceText[] {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .sort()
    .flatMap((file) => {
      const source = ts.createSourceFile(file, readFileSync(`src/${file}`, 'utf8'), ts.ScriptTarget.Latest, true);
      const texts = all(source, isText).filter((node) => !isText(node.parent) && !isPlus(node.parent));
      return texts.map((node) => ({ file, text: textOf(node), exitCode: exitCodeAt(node) }));
    });
}

/** Whether a text can read as `shown`, in which `...` and a lone N stand for anything. */
export function canRead({ text }: SourceText, shown: string): boolean {
  const pieces = shown.split(/\.\.\.|\bN\b/).map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(pieces.join('.*'), 's').test(text);
}

function all<Kind extends ts.Node>(root: ts.Node, isWanted: (node: ts.Node) => node is Kind): Kind[] {
  const found: Kind[] = [];
  const visit = (node: ts.Node): void => {
    if (isWanted(node)) {
      found.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

const isPlus = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;

/** A text by itself, or the outermost of texts that are put together by `+`. */
function isText(node: ts.Node): node is ts.Expression {
  return (
    ts.isStringLiteralLike(node) ||
    ts.isTemplateExpression(node) ||
    (isPlus(node) && [node.left, node.right].some(isText))
  );
}

function textOf(node: ts.Expression): string {
  if (isPlus(node)) {
    return textOf(node.left) + textOf(node.right);
  }
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(hole);
  }
  return ts.isStringLiteralLike(node) ? node.text : hole;
}

/** What the nearest error around the text says, or the one that is made of the variable or function that holds it. */
function exitCodeAt(node: ts.Node): number | null {
  for (let { parent } = node; !ts.isSourceFile(parent); parent = parent.parent) {
    if (ts.isNewExpression(parent)) {
      return exitCodeOfNew(parent);
    }
    if (ts.isCallExpression(parent)) {
      return parent.expression.kind === ts.SyntaxKind.SuperKeyword ? exitCodeOfClass(parent) : null;
    }
    if (ts.isPropertyAssignment(parent) && isByStorageCode(parent)) {
      return exitCodeOfStorage(parent.name.getText());
    }
    if (ts.isVariableDeclaration(parent) || ts.isFunctionDeclaration(parent)) {
      const name = parent.name?.getText() ?? '';
      const users = all(node.getSourceFile(), ts.isNewExpression).filter((error) => mentions(error, name));
      return users.map(exitCodeOfNew).find((code) => code !== null) ?? null;
    }
  }
  return null;
}

function exitCodeOfNew(error: ts.NewExpression): number | null {
  const name = error.expression.getText();
  const [first] = error.arguments ?? [];
  if (name === 'StorageError') {
    return first !== undefined && ts.isStringLiteral(first) ? exitCodeOfStorage(first.text) : null;
  }
  return error.getSourceFile().fileName.startsWith(onlyIn[name] ?? '') ? (endings[name] ?? null) : null;
}

/** The class of whose constructor the call is a part. */
function exitCodeOfClass(call: ts.CallExpression): number | null {
  let node: ts.Node = call;
  while (!ts.isClassDeclaration(node) && !ts.isSourceFile(node)) {
    node = node.parent;
  }
  return ts.isClassDeclaration(node) ? (endings[node.name?.text ?? ''] ?? null) : null;
}

/** A store that is closed refuses calls, which ends nothing. */
function exitCodeOfStorage(code: string): number | null {
  return code === 'CLOSED' ? null : exitCodeOf(new StorageError(code as StorageErrorCode, '')).exitCode;
}

const isByStorageCode = ({ parent }: ts.PropertyAssignment): boolean =>
  ts.isVariableDeclaration(parent.parent) &&
  parent.parent.type?.getText().includes('Record<StorageErrorCode, string>') === true;

const mentions = (error: ts.NewExpression, name: string): boolean =>
  error.arguments?.some((argument) => all(argument, ts.isIdentifier).some(({ text }) => text === name)) === true;
