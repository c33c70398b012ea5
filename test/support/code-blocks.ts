import ts from 'typescript'

/** The code blocks of one document that make up one program. */
export interface Program {
  /** `README.md:12` */
  name: string
  /** As long as the document, code on its own lines, everything else blank: every error names the right line. */
  lines: string[]
  runs: boolean
}

/** The programs in a text, by the rules at the head of docs.test.ts. */
export function programsIn(document: string, text: string): Program[] {
  const isMarkdown = document.endsWith('.md')
  const lines = text.split('\n').map((line) => (isMarkdown ? line : docLine(line)))
  const programs: Program[] = []
  for (let at = 0; at < lines.length; at++) {
    const opening = /^```ts\b(.*)$/.exec(lines[at] ?? '')
    if (!opening) continue
    const end = lines.indexOf('```', at)
    if (end === -1) throw new Error(`${document}:${at + 1}: the code block has no end`)
    const code = lines.slice(at + 1, end)
    let program = programs.at(-1)
    if (!program || code.some((line) => /^import\b/.test(line))) {
      program = { name: `${document}:${at + 1}`, lines: lines.map(() => ''), runs: true }
      programs.push(program)
    }
    program.lines.splice(at + 1, code.length, ...code)
    if (/\bno-run\b/.test(opening[1] ?? '')) program.runs = false
    at = end
  }
  return programs
}

/** A line of a doc comment without its star; a line of code is no line of the document. */
function docLine(line: string): string {
  const [, text] = /^\s*\*(?: (.*)|)$/.exec(line) ?? []
  return text ?? ''
}

/** The statements `expression // => expected` become calls of `check` (see check.ts), each with the place it stands at. */
export function withChecks({ name, lines }: Program): { code: string; places: string[] } {
  const document = name.replace(/:\d+$/, '')
  const places: string[] = []
  const text = lines.join('\n')
  const source = ts.createSourceFile('program.ts', text, ts.ScriptTarget.Latest, true)
  const edits: { start: number; end: number; text: string }[] = []

  const visit = (node: ts.Node): void => {
    const expected = ts.isExpressionStatement(node) ? expectedAfter(text, node.end) : undefined
    if (ts.isExpressionStatement(node) && expected !== undefined) {
      const place = `${document}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
      places.push(place)
      const value = isExpression(expected) ? `() => (${expected})` : 'undefined'
      const call = `;check(${JSON.stringify(place)}, ${shown(node.expression)}, ${JSON.stringify(expected)}, ${value})`
      edits.push({ start: node.getStart(), end: node.end, text: call })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)

  let code = text
  for (const edit of edits.reverse()) code = code.slice(0, edit.start) + edit.text + code.slice(edit.end)
  return { code, places }
}

function expectedAfter(text: string, end: number): string | undefined {
  for (const { pos, end: commentEnd } of ts.getTrailingCommentRanges(text, end) ?? []) {
    const expected = /^\/\/\s*=>\s*(.+)$/.exec(text.slice(pos, commentEnd))?.[1]
    if (expected) return expected.trim()
  }
  return undefined
}

/** `console.log(x) // => 1` says what is printed. */
function shown(expression: ts.Expression): string {
  const isPrinted = ts.isCallExpression(expression) && expression.expression.getText() === 'console.log'
  const [printed, ...others] = isPrinted ? expression.arguments : []
  return (printed && others.length === 0 ? printed : expression).getText()
}

function isExpression(text: string): boolean {
  const { diagnostics } = ts.transpileModule(`(${text})`, { reportDiagnostics: true })
  return diagnostics?.length === 0
}
