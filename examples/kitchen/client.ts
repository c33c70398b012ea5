import type { Ports } from './ports.ts'
import type { Details, Dish, Match, Page, Weather } from './protocol.ts'
import type { Request, Stores } from './stores.ts'

export type Client = ReturnType<typeof createClient>

/** How many lines the log keeps. */
const KEPT = 60

/** The server, as the page knows it. Every request is a key of the log's store. */
export function createClient(ports: Ports, { requests, settings }: Stores) {
  const now = () => (ports.clock ?? Date).now()
  let last = 0

  async function send<T>(path: string, init: RequestInit): Promise<T> {
    if (settings.get('offline')) throw new Error('There is no network.')
    const response = await ports.fetch(path, init)
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as T
  }

  async function logged<T>(path: string, init: RequestInit): Promise<T> {
    const id = ++last
    const start = now()
    const what = `${init.method ?? 'GET'} ${path.replace('/api', '')}`
    const end = (state: Request['state']) =>
      void requests.update(id, (line) => line && { ...line, state, took: now() - start })
    void requests.set(id, { id, what, state: 'in flight', took: null })
    void requests.delete(id - KEPT)
    try {
      const answer = await send<T>(path, init)
      end('done')
      return answer
    } catch (error) {
      end(init.signal?.aborted ? 'aborted' : 'failed')
      throw error
    }
  }

  const get = <T>(path: string, signal: AbortSignal) => logged<T>(path, { signal })
  const post = (path: string, body: object, signal: AbortSignal) =>
    logged<Dish>(path, { method: 'POST', body: JSON.stringify(body), signal })

  return {
    page: (number: number, signal: AbortSignal) => get<Page>(`/api/pages/${number}`, signal),
    details: (dish: number, signal: AbortSignal) => get<Details>(`/api/dishes/${dish}`, signal),
    search: (text: string, signal: AbortSignal) =>
      get<Match[]>(`/api/search?q=${encodeURIComponent(text)}`, signal),
    addPortion: (dish: number, edit: string, signal: AbortSignal) =>
      post(`/api/dishes/${dish}/portions`, { edit }, signal),
    rename: (dish: number, edit: string, name: string, signal: AbortSignal) =>
      post(`/api/dishes/${dish}/name`, { edit, name }, signal),
    weather: () => send<Weather>('/weather', {}),
    setWeather: (weather: Weather) =>
      send<Weather>('/weather', { method: 'PUT', body: JSON.stringify(weather) }),
  }
}
