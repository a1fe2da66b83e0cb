// Every exported name, and every public member of an exported class, is documented in the declarations that are published.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { types: string }>;
};

const entries = Object.values(manifest.exports)
  .flatMap((target) => (typeof target === 'string' ? [] : [join(root, target.types)]))
  .filter((file) => existsSync(file));

const program = ts.createProgram(entries, {
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  types: ['node'],
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
});
const checker = program.getTypeChecker();

function exportsOf(file: string): ts.Symbol[] {
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
  return checker
    .getExportsOfModule(module)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
}

function isDocumented(symbol: ts.Symbol): boolean {
  return symbol.getDocumentationComment(checker).length > 0;
}

// What is marked @internal, private, or inherited from elsewhere is not the user's business.
function isPublic(member: ts.Symbol): boolean {
  if (member.getName().startsWith('#') || member.getJsDocTags().some((tag) => tag.name === 'internal')) return false;
  return (member.declarations ?? []).some((declaration) => {
    const flags = ts.getCombinedModifierFlags(declaration);
    if (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Override)) return false;
    return !ts.isPropertyDeclaration(declaration) || !ts.isPrivateIdentifier(declaration.name);
  });
}

function undocumentedMembers(symbol: ts.Symbol): string[] {
  if (!(symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface))) return [];
  const members = [...(symbol.members?.values() ?? [])].filter(
    (member) =>
      !(member.flags & (ts.SymbolFlags.Constructor | ts.SymbolFlags.TypeParameter | ts.SymbolFlags.Prototype)),
  );
  return members
    .filter((member) => isPublic(member) && !isDocumented(member))
    .map((member) => `${symbol.getName()}.${member.getName()}`);
}

describe.each(entries.map((file) => [file.slice(root.length + 1), file]))('%s', (_name, file) => {
  test('exports something', () => {
    expect(exportsOf(file).length).toBeGreaterThan(0);
  });

  test('documents every exported name', () => {
    const undocumented = exportsOf(file).filter((symbol) => !isDocumented(symbol));
    expect(undocumented.map((symbol) => symbol.getName())).toEqual([]);
  });

  test('documents every public member of what it exports', () => {
    expect(exportsOf(file).flatMap(undocumentedMembers)).toEqual([]);
  });
});
