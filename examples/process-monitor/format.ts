const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

export function bytes(count: number): string {
  const power = count < 1 ? 0 : Math.min(Math.floor(Math.log2(count) / 10), units.length - 1)
  const value = count / 1024 ** power
  return `${power > 0 && value < 100 ? value.toFixed(1) : value.toFixed(0)} ${units[power]}`
}

export function percent(value: number): string {
  return value.toFixed(value < 99.95 ? 1 : 0)
}

/** As `top` has it: minutes, seconds and hundredths; hours where there are some. */
export function processorTime(seconds: number): string {
  const twoDigits = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  if (hours > 0) return `${hours}:${twoDigits((seconds / 60) % 60)}:${twoDigits(seconds % 60)}`
  return `${Math.floor(seconds / 60)}:${twoDigits(seconds % 60)}.${twoDigits((seconds * 100) % 100)}`
}

export function span(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor(seconds / 3600) % 24
  const minutes = Math.floor(seconds / 60) % 60
  if (days > 0) return `${days} d ${hours} h`
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min`
}
