// What is said of a recording: nothing happened that never may, no dependency goes round in a circle, and one order explains it.
import { findAnomalies } from './dependency-graph.ts'
import { type Judgement, linearize } from './linearizability.ts'
import type { Recording } from './simulator.ts'

export interface Verdict extends Judgement {
  readonly edges: number
}

/** Throws what is wrong. Dependencies are followed where every version is known. */
export function judge(recording: Recording): Verdict {
  const [fault] = recording.faults
  if (fault !== undefined) throw new Error(fault)
  const operations = [...recording.operations, ...recording.views]
  const { findings, edges } = recording.isComplete
    ? findAnomalies({ ...recording, operations })
    : { findings: [], edges: 0 }
  const [finding] = findings
  if (finding !== undefined) throw new Error(`${finding.anomaly}: ${finding.what}`)
  const order = linearize(recording.isComplete ? recording : { ...recording, operations })
  if (!order.holds) throw new Error(`no order explains this history: ${JSON.stringify(order.operations)}`)
  return { ...order, edges }
}
