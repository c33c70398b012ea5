import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { type Browser, chromium, type Page } from 'playwright'
import { launchOptions } from '../../.ci/chromium.mjs'

/** An example as its user has it: its real server and a real Chromium. */
export class Example {
  /** With a slash at its end. */
  readonly address: string
  readonly #browser: Browser
  readonly #stopServer: () => void
  readonly #complaints: string[] = []

  private constructor(address: string, browser: Browser, stopServer: () => void) {
    this.address = address
    this.#browser = browser
    this.#stopServer = stopServer
  }

  /** @param name its folder */
  static async start(name: string): Promise<Example> {
    const script = resolve(import.meta.dirname, `../../examples/${name}/server.mjs`)
    const server = spawn(process.execPath, [script], {
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const stopServer = () => void server.kill()
    for await (const line of createInterface(server.stdout)) {
      const address = /http:\S+/.exec(line)?.[0]
      if (address) return new Example(address, await chromium.launch(launchOptions()), stopServer)
    }
    throw new Error('The server did not print its address')
  }

  /** A page of its own, in a browser context of its own. */
  async open(path: string, viewport: { width: number; height: number }): Promise<Page> {
    const context = await this.#browser.newContext({ viewport })
    const page = await context.newPage()
    page.on('pageerror', (error) => this.#complaints.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.#complaints.push(message.text())
    })
    await page.goto(this.address + path)
    return page
  }

  /** Closes all pages. Gives what they have complained of: exceptions, and errors and warnings on the console. */
  async closePages(): Promise<string[]> {
    for (const context of this.#browser.contexts()) await context.close()
    return this.#complaints.splice(0)
  }

  async stop(): Promise<void> {
    await this.#browser.close()
    this.#stopServer()
  }
}
