import { shareStyle } from './share.ts'

export function Meter({ share }: { share: number }) {
  return <div className="meter" style={shareStyle(share)} />
}
