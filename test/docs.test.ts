// The code in README.md and in the doc comments of src compiles, runs, and does what it says.
//
// - Every block fenced as ```ts counts. It is checked by the compiler and run by Node, against src.
// - A block that imports something begins a program; a block that imports nothing goes on with the one above it.
// - ```ts no-run: the whole program is checked by the compiler only (for code that needs a page or a server).
// - `expression // => value`: the value is equal (as by assert.deepStrictEqual) to that expression, or is shown by
//   util.inspect as that text. `console.log(expression) // => value` says the same. Each one must be reached, and holds
//   every time it is reached.
// - A program ends by itself; an error nobody catches and a rejection nobody handles fail it.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Program, programsIn, withChecks } from './support/code-blocks.ts'
import { sourceFiles } from './support/source-files.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
// Inside the project, so that the programs find rxjs and immer.
const directory = `${root}node_modules/.cache/tidemap-docs/`

const readme = existsSync(`${root}README.md`) ? readFileSync(`${root}README.md`, 'utf8') : undefined
const readmePrograms = readme === undefined ? [] : programsIn('README.md', readme)
const sourcePrograms = sourceFiles().flatMap(({ file, text }) => programsIn(`src/${file}`, text))
const programs = [...readmePrograms, ...sourcePrograms]

/** What every program needs beside its own code; one that shows something gets a page. */
const imports = (code: string) =>
  [
    `import { check } from './test/support/check.ts'`,
    ...(/from 'tidemap\/dom'/.test(code)
      ? [`import { page } from './test/support/page.ts'`, `page.title = ''`]
      : []),
  ].join('\n')

const pathOf = ({ name }: Program) => `${directory}${name.replace(/\W/g, '-')}`

beforeAll(() => {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
})

test.runIf(readme !== undefined)('README.md has code', () => {
  expect(readmePrograms).not.toEqual([])
})

test('the compiler accepts every program', () => {
  const paths = new Map(
    programs.map((program) => [`${pathOf(program)}.ts`, program.name.replace(/:\d+$/, '')]),
  )
  for (const program of programs) {
    writeFileSync(`${pathOf(program)}.ts`, `${program.lines.join('\n')}\nexport {}\n`)
  }
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  // An example may show a value without using it.
  const compiler = ts.createProgram([...paths.keys()], {
    ...options,
    noUnusedLocals: false,
    noUnusedParameters: false,
  })
  const errors = [...paths].flatMap(([path, document]) => {
    const file = compiler.getSourceFile(path)
    return [...compiler.getSyntacticDiagnostics(file), ...compiler.getSemanticDiagnostics(file)].map(
      ({ start, messageText }) => {
        const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0
        return `${document}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
      },
    )
  })
  expect(errors).toEqual([])
})

describe.concurrent('each program runs', () => {
  test.each(programs.filter(({ runs }) => runs))('$name', async (program) => {
    const { code, places } = withChecks(program)
    const outfile = `${pathOf(program)}.mjs`
    await build({
      stdin: {
        contents: `${code}\n${imports(code)}`,
        resolveDir: root,
        loader: 'ts',
        sourcefile: program.name,
      },
      // The `paths` of the root tsconfig lead from `tidemap` to src.
      tsconfig: `${root}tsconfig.json`,
      external: ['rxjs', 'immer', 'vitest', 'react', 'react-dom'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'es2022',
      outfile,
      logLevel: 'silent',
    })
    await promisify(execFile)(process.execPath, [outfile, ...places], { timeout: 20_000 })
  })
})

describe('the check itself', () => {
  const readmeOf = (...blocks: string[]) =>
    blocks.map((block) => `\`\`\`ts\n${block}\n\`\`\``).join('\nText.\n')

  test('a block without an import goes on with the program above it, on its own lines', () => {
    const found = programsIn('README.md', readmeOf('import a', 'b()', 'import c'))
    expect(found.map(({ name, lines }) => [name, lines.join('|')])).toEqual([
      ['README.md:1', '|import a||||b()|||||'],
      ['README.md:9', '|||||||||import c|'],
    ])
  })

  test('code in a doc comment loses its stars, and other code is none', () => {
    const text = '/**\n * @example\n * ```ts\n * import a\n *\n *   a()\n * ```\n */\nexport const b = 1\n'
    expect(programsIn('src/x.ts', text).map(({ lines }) => lines.join('|'))).toEqual([
      '|||import a||  a()||||',
    ])
  })

  test('a program with a no-run block does not run', () => {
    expect(programsIn('README.md', '```ts no-run\na()\n```')).toMatchObject([{ runs: false }])
  })

  test('expectations become calls, wherever they stand', () => {
    const lines = ['f(() => {', '  console.log(a) // => 1', '})', 'await b // => Map(1) {}', 'c // a comment']
    expect(withChecks({ name: 'README.md:1', lines, runs: true })).toEqual({
      code: [
        'f(() => {',
        '  ;check("README.md:2", a, "1", () => (1)) // => 1',
        '})',
        ';check("README.md:4", await b, "Map(1) {}", undefined) // => Map(1) {}',
        'c // a comment',
      ].join('\n'),
      places: ['README.md:2', 'README.md:4'],
    })
  })
})
