// What the servers of the examples share: they answer on this machine only, and to their own page only.

/** @import { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http' */

/** Other sites that the browser has open can reach a port of this machine too. @param {IncomingMessage} request */
export function isFromThisPage({ headers }) {
  const isLoopback = /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(headers.host ?? '')
  return isLoopback && (headers.origin === undefined || headers.origin === `http://${headers.host}`)
}

/**
 * @param {ServerResponse} response
 * @param {number} status
 * @param {string} type
 * @param {string} content
 */
export function send(response, status, type, content) {
  response.writeHead(status, {
    'Content-Type': `${type}; charset=utf-8`,
    'Content-Security-Policy': "default-src 'self'; img-src data:",
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  })
  response.end(content)
}

/**
 * A listener over an async one: what that throws is an answer too.
 *
 * @param {(request: IncomingMessage, response: ServerResponse) => Promise<void>} answer
 * @returns {RequestListener}
 */
export const answering = (answer) => (request, response) => {
  answer(request, response).catch((error) => {
    if (response.destroyed) return
    console.error(error)
    send(response, 500, 'text/plain', 'Something went wrong here; the terminal says what.')
  })
}

/**
 * On the port that PORT names, or else on `port`, or any free one where that is taken; `announce` is told the address.
 *
 * @param {Server} server
 * @param {number} port
 * @param {(address: string) => string} announce
 */
export function listen(server, port, announce) {
  server.on('listening', () => {
    const address = server.address()
    const taken = typeof address === 'object' ? address?.port : undefined
    console.log(`${announce(`http://127.0.0.1:${taken}/`)} (Ctrl+C stops it)`)
  })

  const wanted = process.env['PORT']
  server.once('error', (error) => {
    // Without a wish of the user's, any free port will do.
    if (wanted || !('code' in error) || error.code !== 'EADDRINUSE') throw error
    server.listen(0, '127.0.0.1')
  })
  server.listen(Number(wanted ?? port), '127.0.0.1')
}
