// Adya's anomalies in a long history: who depends on whom, and every cycle of that named by the isolation it breaks. Linear in the size
// of the history where there is no cycle. Source: Adya, "Weak Consistency" (1999); the real-time edges and the reading of unique values
// as versions are those of Elle (Kingsbury and Alvaro, 2020).
import type { Entries, Operation } from '../support/serial-twin.ts'
import { type Accesses, accessesOf, nameOfKey, type Version } from './accesses.ts'
import { type Edge, type EdgeKind, Graph } from './graph.ts'

export type Anomaly =
  /** A write that was there and is nobody's, or that was confirmed and never there. */
  | 'garbage'
  | 'lost write'
  /** An operation that was told two things of one key. */
  | 'internal'
  /** A read of what a failed operation wrote; of what its writer wrote over itself. */
  | 'G1a'
  | 'G1b'
  /** Cycles: of writes; of writes and reads; with one anti-dependency (lost update, read skew); with several (write skew, long fork). */
  | 'G0'
  | 'G1c'
  | 'G-single'
  | 'G2'
  /** The same, only where real time is taken into account: stale reads. */
  | 'G0-realtime'
  | 'G1c-realtime'
  | 'G-single-realtime'
  | 'G2-realtime'

interface Finding {
  readonly anomaly: Anomaly
  readonly what: string
}

export interface VersionedHistory {
  readonly initial: readonly Entries[]
  /** Every value is written once. Who failed counts as a reader (opacity); views are readers without a duration. */
  readonly operations: readonly Operation[]
  /** By `store/key`: the versions in the order in which they were confirmed, the one at the beginning first; `undefined`: absent. */
  readonly versions: ReadonlyMap<string, readonly Version[]>
}

export interface GraphVerdict {
  readonly findings: readonly Finding[]
  readonly operations: number
  readonly edges: number
}

export function findAnomalies(history: VersionedHistory): GraphVerdict {
  return new Analysis(history).run()
}

interface Writer {
  readonly index: number
  readonly isFinal: boolean
}

class Analysis {
  readonly #history: VersionedHistory
  readonly #operations: readonly Operation[]
  readonly #accesses: readonly Accesses[]
  readonly #findings: Finding[] = []
  /** Key -> version -> who wrote it. */
  readonly #writers: Map<string, Map<Version, Writer>> = new Map()
  readonly #hasFailed: boolean[]
  readonly #graph: Graph

  constructor(history: VersionedHistory) {
    this.#history = history
    this.#operations = history.operations
    this.#accesses = history.operations.map(accessesOf)
    this.#hasFailed = history.operations.map(({ end }) => end === 'failed')
    this.#graph = new Graph(history.operations.length)
  }

  run(): GraphVerdict {
    this.#collectWriters()
    this.#followVersions()
    for (const [i, { reads, contradiction }] of this.#accesses.entries()) {
      if (contradiction !== undefined) this.#find('internal', `${this.#name(i)}: ${contradiction}`)
      for (const [key, version] of reads) this.#followRead(i, key, version)
    }
    this.#addRealTime()
    for (const { anomaly, cycle } of classify(this.#graph)) this.#find(anomaly, this.#describe(cycle))
    return { findings: this.#findings, operations: this.#operations.length, edges: this.#graph.edges }
  }

  #collectWriters(): void {
    for (const [i, { writes, intermediate }] of this.#accesses.entries()) {
      for (const [key, version] of intermediate) this.#addWriter(key, version, { index: i, isFinal: false })
      for (const [key, version] of writes) this.#addWriter(key, version, { index: i, isFinal: true })
    }
  }

  #addWriter(key: string, version: Version, writer: Writer): void {
    const writers = this.#writers.get(key) ?? new Map<Version, Writer>()
    this.#writers.set(key, writers)
    if (version === undefined) return // absent is what many leave behind: it tells nobody who
    if (writers.has(version)) throw new Error(`${version} is written to ${key} twice`)
    writers.set(version, writer)
  }

  readonly #positions: Map<string, Map<Version, number>> = new Map()

  /** ww */
  #followVersions(): void {
    for (const [key, versions] of this.#history.versions) {
      const positions = new Map<Version, number>()
      this.#positions.set(key, positions)
      let last: number | undefined
      for (const [position, version] of versions.entries()) {
        // absent more than once: nobody can tell which of them was read
        positions.set(version, version === undefined && positions.has(undefined) ? -1 : position)
        if (position === 0 || version === undefined) continue
        const writer = this.#writers.get(key)?.get(version)
        if (writer === undefined) this.#find('garbage', `${key} was ${version}, which nobody wrote`)
        else if (this.#hasFailed[writer.index])
          this.#find('G1a', `${key} was ${version} of the failed ${this.#name(writer.index)}`)
        else if (!writer.isFinal) this.#find('G1b', `${key} was ${version}, written over by its own writer`)
        else {
          if (last !== undefined) this.#graph.add(last, writer.index, 'ww')
          last = writer.index
        }
      }
    }
    for (const [i, { writes }] of this.#accesses.entries()) {
      if (this.#operations[i]!.end !== 'committed') continue
      for (const [key, version] of writes) {
        if (version === undefined || this.#positions.get(key)?.has(version)) continue
        this.#find('lost write', `${key} was never ${version}, which ${this.#name(i)} confirmed`)
      }
    }
  }

  /** wr, rw */
  #followRead(reader: number, key: string, version: Version): void {
    const versions = this.#history.versions.get(key) ?? this.#initialVersions(key)
    const writer = version === undefined ? undefined : this.#writers.get(key)?.get(version)
    const name = `${this.#name(reader)} read ${version} of ${key}`
    if (writer?.index === reader) return this.#find('internal', `${name} before it wrote that itself`)
    if (writer !== undefined) {
      if (this.#hasFailed[writer.index]) return this.#find('G1a', `${name}, which was never confirmed`)
      if (!writer.isFinal) return this.#find('G1b', `${name}, which its writer wrote over`)
      this.#graph.add(writer.index, reader, 'wr')
    }
    const position = this.#positionOf(key, versions, version)
    if (position === undefined) {
      if (writer === undefined) this.#find('garbage', `${name}, which was never there`)
      return
    }
    if (position < 0) return
    // the next version whose writer is known: order of versions is transitive
    for (const next of versions.slice(position + 1, position + 4)) {
      const overwriter = next === undefined ? undefined : this.#writers.get(key)?.get(next)
      if (overwriter === undefined) continue
      if (overwriter.index !== reader) this.#graph.add(reader, overwriter.index, 'rw')
      return
    }
  }

  #positionOf(key: string, versions: readonly Version[], version: Version): number | undefined {
    const positions = this.#positions.get(key)
    if (positions !== undefined) return positions.get(version)
    return versions[0] === version ? 0 : undefined
  }

  #initialVersions(key: string): readonly Version[] {
    for (const [store, entries] of this.#history.initial.entries()) {
      const entry = entries.find(([own]) => nameOfKey(store, own) === key)
      if (entry !== undefined) return [entry[1]]
    }
    return [undefined]
  }

  /** rt: everybody who had returned comes before everybody who was called later; by a chain of moments, so that it stays linear. */
  #addRealTime(): void {
    const graph = this.#graph
    const moments = [...new Set(this.#operations.map(({ returned }) => returned))]
      .filter((time) => time < Number.POSITIVE_INFINITY)
      .sort((a, b) => a - b)
    const nodes = moments.map(() => graph.addNode())
    const nodeAt = new Map(moments.map((time, i) => [time, nodes[i]!]))
    for (let i = 1; i < nodes.length; i++) graph.add(nodes[i - 1]!, nodes[i]!, 'rt')
    for (const [i, { called, returned }] of this.#operations.entries()) {
      const end = nodeAt.get(returned) // none where it never returned
      if (end !== undefined) graph.add(i, end, 'rt')
      const before = lastBelow(moments, called)
      if (before >= 0) graph.add(nodes[before]!, i, 'rt')
    }
  }

  #find(anomaly: Anomaly, what: string): void {
    this.#findings.push({ anomaly, what })
  }

  #name(index: number): string {
    return this.#operations[index]!.name
  }

  #describe(cycle: readonly Edge[]): string {
    return cycle
      .map(({ from, kind }) => `${from < this.#operations.length ? this.#name(from) : '·'} -${kind}->`)
      .join(' ')
  }
}

/** The last index whose value lies below `limit`, in an ordered list; -1 where there is none. */
function lastBelow(values: readonly number[], limit: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (values[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low - 1
}

const CYCLES: readonly { name: 'G0' | 'G1c'; kinds: readonly EdgeKind[] }[] = [
  { name: 'G0', kinds: ['ww'] },
  { name: 'G1c', kinds: ['ww', 'wr'] },
]

/** One cycle of every kind that there is, the worst first; those with real time only where none goes without it. */
function classify(graph: Graph): { anomaly: Anomaly; cycle: readonly Edge[] }[] {
  if (graph.cyclic(['ww', 'wr', 'rw', 'rt']).length === 0) return []
  const without = cyclesOf(graph, [])
  if (without.length > 0) return without
  return cyclesOf(graph, ['rt']).map(({ anomaly, cycle }) => ({
    anomaly: `${anomaly}-realtime` as Anomaly,
    cycle,
  }))
}

function cyclesOf(
  graph: Graph,
  time: readonly EdgeKind[],
): { anomaly: 'G0' | 'G1c' | 'G-single' | 'G2'; cycle: readonly Edge[] }[] {
  for (const { name, kinds } of CYCLES) {
    const [component] = graph.cyclic([...kinds, ...time])
    if (component !== undefined) {
      return [{ anomaly: name, cycle: graph.cycleIn(component, [...kinds, ...time]) ?? [] }]
    }
  }
  const all: readonly EdgeKind[] = ['ww', 'wr', 'rw', ...time]
  return graph.cyclic(all).map((component) => {
    const single = graph.cycleWithOne('rw', component, ['ww', 'wr', ...time])
    return single === undefined
      ? { anomaly: 'G2' as const, cycle: graph.cycleIn(component, all) ?? [] }
      : { anomaly: 'G-single' as const, cycle: single }
  })
}
