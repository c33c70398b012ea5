import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const installedByTheSystem = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const help = `No Chromium was found that starts, and none could be installed. Do one of these, then try again:
  - npx playwright install --with-deps chromium
  - install the package chromium of your system (Debian: apt-get install chromium)
  - set CHROMIUM_PATH to the executable of a Chromium or Chrome`

/** How Playwright starts the browser, the same for the browser tests and for the tests of the examples. */
export function launchOptions(executablePath = process.env['CHROMIUM_PATH']) {
  return {
    // Without a path Playwright takes its own browser. The sandbox does not work for root, as in most containers.
    ...(executablePath ? { executablePath } : {}),
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  }
}

/**
 * The path of a Chromium that starts: the one asked for, or one that is there, or one installed now.
 *
 * @returns {Promise<string>}
 */
export async function findChromium() {
  const { chromium } = await import('playwright')

  /** @param {string} path */
  const starts = async (path) => {
    if (!existsSync(path)) return false
    try {
      const browser = await chromium.launch({ ...launchOptions(path), timeout: 30_000 })
      await browser.close()
      return true
    } catch (error) {
      console.error(`${path} does not start: ${String(error).split('\n', 1)[0]}`)
      return false
    }
  }

  const asked = process.env['CHROMIUM_PATH']
  if (asked) {
    if (await starts(asked)) return asked
    throw new Error(`CHROMIUM_PATH is ${asked}, and no Chromium starts there.`)
  }

  const candidates = [chromium.executablePath(), ...installedByTheSystem]
  for (const makeReady of [() => {}, installByPlaywright, installByDebian]) {
    makeReady()
    for (const path of candidates) if (await starts(path)) return path
  }
  throw new Error(help)
}

function installByPlaywright() {
  install('npx playwright install chromium')
}

function installByDebian() {
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    install('apt-get update && apt-get install -y chromium')
  }
}

/** @param {string} command */
function install(command) {
  console.log(`Installing Chromium (${command}) ...`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync(command, { stdio: 'inherit', shell: true, env: environment, timeout: 5 * 60_000 })
}
