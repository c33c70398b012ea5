const qualities = [
  'pretty',
  'large',
  'tall',
  'odd',
  'plain',
  'quiet',
  'fancy',
  'clean',
  'helpful',
  'handsome',
]
const colours = ['red', 'yellow', 'blue', 'green', 'pink', 'brown', 'purple', 'white', 'black', 'orange']
const things = ['table', 'chair', 'house', 'desk', 'car', 'pony', 'cookie', 'sandwich', 'pizza', 'keyboard']

/** Makes `[id, label]` of new rows; ids are never used again. */
export type MakeRows = (count: number) => [id: number, label: string][]

export function createRowMaker(random: () => number = Math.random): MakeRows {
  let lastId = 0
  const one = (words: readonly string[]) => words[Math.floor(random() * words.length)]
  return (count) =>
    Array.from({ length: count }, () => {
      lastId += 1
      return [lastId, `${one(qualities)} ${one(colours)} ${one(things)}`]
    })
}
