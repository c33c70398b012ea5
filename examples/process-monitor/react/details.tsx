import type { Inspection } from '../stores.ts'

/** What an inspection found, or why it failed. */
export function Details({ inspection }: { inspection: Inspection | undefined }) {
  return (
    <td className="details" colSpan={9} hidden={!inspection || inspection.status === 'running'}>
      {inspection?.status === 'failed' && <p>{inspection.message}</p>}
      {inspection?.status === 'done' &&
        inspection.facts.map(([name, text]) => (
          <p key={name}>
            <b>{name}</b> {text}
          </p>
        ))}
    </td>
  )
}
