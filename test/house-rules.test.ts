// Rules for the text of src that no linter holds for us, or that must not be switched off by a comment for the linter.
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { type SourceFile, sourceFiles } from './support/source-files.ts'

const junkDrawers = ['utils', 'util', 'types', 'helpers', 'common', 'misc']

/** The names of the rules that a file breaks. */
function brokenRules({ file, text }: SourceFile): string[] {
  const broken = new Set<string>()
  const name = file.split('/').at(-1)!.replace(/\.ts$/, '')
  if (junkDrawers.includes(name)) broken.add('named for no concept')
  if (text.split('\n').length > 401) broken.add('above 400 lines')
  if (/@ts-(ignore|nocheck)/.test(text)) broken.add('switches the type check off')

  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) broken.add('any')
    if (ts.isExportAssignment(node) || node.kind === ts.SyntaxKind.DefaultKeyword)
      broken.add('default export')
    if (ts.isExportSpecifier(node) && node.name.text === 'default') broken.add('default export')
    if (ts.isNewExpression(node) && node.expression.getText() === 'TidemapError' && file !== 'errors.ts') {
      broken.add('makes an error outside errors.ts')
    }
    ts.forEachChild(node, visit)
  }
  // A `default:` of a switch is a clause of its own kind, not the keyword.
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true))
  return [...broken]
}

describe('src', () => {
  test.each(sourceFiles())('$file keeps the rules', (source) => {
    expect(brokenRules(source)).toEqual([])
  })
})

describe('the check itself', () => {
  test.each<[file: string, text: string, rule: string]>([
    ['core/utils.ts', '', 'named for no concept'],
    ['core/x.ts', 'const a: any = 1', 'any'],
    ...['ignore', 'nocheck'].map((word): [string, string, string] => [
      'core/x.ts',
      `// @ts-${word}`,
      'switches the type check off',
    ]),
    ['core/x.ts', 'export default 1', 'default export'],
    ['core/x.ts', 'export default function f() {}', 'default export'],
    ['core/x.ts', 'const a = 1\nexport { a as default }', 'default export'],
    ['core/x.ts', '\n'.repeat(401), 'above 400 lines'],
    ['core/x.ts', `throw new TidemapError('LOCK_BUSY', 'x')`, 'makes an error outside errors.ts'],
  ])('%s with %j breaks a rule', (file, text, rule) => {
    expect(brokenRules({ file, text })).toEqual([rule])
  })

  test.each([
    ['core/x.ts', '// any default\nswitch (1) { default: break }'],
    ['core/x.ts', '\n'.repeat(400)],
    ['errors.ts', `new TidemapError('LOCK_BUSY', 'x')`],
  ])('%s with %j breaks none', (file, text) => {
    expect(brokenRules({ file, text })).toEqual([])
  })
})
