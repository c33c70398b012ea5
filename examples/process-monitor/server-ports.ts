import type { Ports } from './ports.ts'
import type { Facts, Sample } from './protocol.ts'

/** The browser's side of the wire. */
export const serverPorts: Ports = {
  listen(threads, onSample, onConnected) {
    const source = new EventSource(threads ? '/events?threads' : '/events')
    source.addEventListener('open', () => onConnected(true))
    source.addEventListener('error', () => onConnected(false))
    source.addEventListener('message', ({ data }) => onSample(JSON.parse(data) as Sample))
    return () => source.close()
  },
  async inspect(pid, signal) {
    const response = await post(`/api/inspect/${pid}`, '', signal)
    return (await response.json()) as Facts
  },
  async tidy(note) {
    const response = await post('/api/tidy', note)
    return response.text()
  },
}

async function post(path: string, body: string, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(path, { method: 'POST', body, signal: signal ?? null })
  if (!response.ok) throw new Error(await response.text())
  return response
}
